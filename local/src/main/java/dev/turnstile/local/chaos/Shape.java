package dev.turnstile.local.chaos;

import dev.turnstile.order.OrderLine;
import java.util.Set;

/** The common form of orders that their clients can't distinguish. */
record Shape(String mode, Set<OrderLine> lines) {

    static Shape of(LedgerRow row) {
        return new Shape(row.mode(), Set.copyOf(row.lines()));
    }

    static Shape of(Exchange exchange) {
        return new Shape(String.valueOf(exchange.mode()), Set.copyOf(exchange.lines()));
    }
}
