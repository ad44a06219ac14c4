package dev.turnstile.line;

/**
 * Counters of the line. The difference of two snapshots of one epoch is its throughput.
 *
 * @param epoch the memory that counts
 * @param left how many orders of this epoch have left the line; may be below 0 where orders of an earlier one are in it
 * @param waiting how many are in it
 */
public record LineCounters(int epoch, long left, long waiting) {}
