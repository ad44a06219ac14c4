package dev.turnstile.redlock;

import java.time.Duration;
import java.util.SortedSet;

/**
 * What one attempt asks of a node.
 *
 * @param productIds all of them or none
 * @param owner the value of the keys: new for every attempt
 * @param lease how long the node keeps them
 */
record LockRequest(SortedSet<Long> productIds, String owner, Duration lease) {}
