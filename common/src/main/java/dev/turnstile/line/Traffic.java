package dev.turnstile.line;

/**
 * What has gone through the line by now. The difference of two, in one epoch, tells how fast it moves.
 *
 * @param epoch the memory that counts
 * @param left how many orders of this epoch have left the line; may be below 0 where orders of an earlier one are in it
 * @param waiting how many are in it
 */
public record Traffic(int epoch, long left, long waiting) {}
