package dev.turnstile.line;

import java.time.Duration;

/**
 * What the line's Redis remembers of requests.
 *
 * @param most how many ids each of its memories holds at most
 * @param memory how long it remembers one at most
 */
public record RequestLimits(int most, Duration memory) {}
