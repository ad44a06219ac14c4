package dev.turnstile.stock;

import dev.turnstile.order.Decision;
import dev.turnstile.order.OrderLine;
import java.util.List;

/**
 * An order as the ledger keeps it.
 *
 * @param decision what became of it
 * @param lines what it wanted, ascending by product; none where that could not be read
 */
public record RecordedOrder(Decision decision, List<OrderLine> lines) {}
