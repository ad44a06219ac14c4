package dev.turnstile.line;

/**
 * The ticket that a draw came to.
 *
 * @param ticket the order's ticket
 * @param made whether this draw made it; else the order was in the line before, by another draw, and the ticket is not
 *     this one's to cancel
 */
public record Draw(Ticket ticket, boolean made) {}
