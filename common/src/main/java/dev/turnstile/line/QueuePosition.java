package dev.turnstile.line;

/**
 * Where an order stands.
 *
 * @param ticket its ticket
 * @param ahead orders before it in the longest of its queues; 0 at the head
 * @param queue how many orders are in that queue, itself included
 */
public record QueuePosition(Ticket ticket, long ahead, long queue) {}
