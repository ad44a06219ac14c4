package dev.turnstile.line;

import dev.turnstile.order.Order;

/**
 * A consumed order and the ticket it came with.
 *
 * @param order the order
 * @param ticket its ticket
 */
public record Parking(Order order, Ticket ticket) {}
