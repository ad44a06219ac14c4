package dev.turnstile.line;

/**
 * What a worker reports of itself; durations since its last report.
 *
 * @param fairKept fair orders that it consumed and that are not answered
 * @param distributedKept the same of distributed orders
 * @param decidedPerSecond orders that it decided
 * @param runLength orders whose stock it decided in one transaction, on average; 0 if there was none
 * @param wakeupMs from the first wakeup to the claim, on average; 0 if there was none
 * @param holdMs for how long it held stock, on average; 0 if it held none
 */
public record WorkerReport(
        long fairKept,
        long distributedKept,
        double decidedPerSecond,
        double runLength,
        double wakeupMs,
        double holdMs) {}
