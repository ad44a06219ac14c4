package dev.turnstile.line;

import dev.turnstile.order.Order;

/**
 * An order and its ticket in the line.
 *
 * @param order the order
 * @param ticket its ticket
 */
public record TicketedOrder(Order order, Ticket ticket) {}
