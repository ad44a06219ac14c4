package dev.turnstile.local.replay;

import org.HdrHistogram.Histogram;

/**
 * How well the gaps between orders were kept: each gap between two sendings against the gap between their due times.
 */
final class GapMeter {

    /** Shorter gaps are not judged: recorded times are whole milliseconds. */
    static final long TELLING_GAP_MS = 5;

    private static final double STEPS_PER_PERCENT = 100;
    private static final double NANOS_PER_MS = 1e6;

    /** Relative errors in hundredths of a percent. */
    private final Histogram errors = new Histogram(3);

    private final Histogram latenessNanos = new Histogram(3);
    private boolean any;
    private long firstSent;
    private long lastDue;
    private long lastSent;

    /**
     * How well gaps were kept.
     *
     * @param tellingGapMs shorter gaps are left out
     * @param count how many gaps were not left out
     * @param medianErrorPercent half of them were closer to what they should be, null without any
     * @param p99ErrorPercent 99 of 100 were closer
     * @param lateP50Ms half of the sendings were later than due by no more than this
     * @param lateP99Ms 99 of 100 sendings
     * @param lateMaxMs the latest
     */
    record Gaps(
            long tellingGapMs,
            long count,
            @org.jspecify.annotations.Nullable Double medianErrorPercent,
            @org.jspecify.annotations.Nullable Double p99ErrorPercent,
            double lateP50Ms,
            double lateP99Ms,
            double lateMaxMs) {}

    /**
     * Notes a sending.
     *
     * @param dueNanos when it was due
     * @param sentNanos when it happened, by the same clock
     */
    void sent(long dueNanos, long sentNanos) {
        if (any) {
            long wanted = dueNanos - lastDue;
            if (wanted >= TELLING_GAP_MS * NANOS_PER_MS) {
                double error = Math.abs((double) (sentNanos - lastSent - wanted)) / wanted;
                errors.recordValue(Math.round(error * 100 * STEPS_PER_PERCENT));
            }
        } else {
            firstSent = sentNanos;
        }
        any = true;
        lastDue = dueNanos;
        lastSent = sentNanos;
        latenessNanos.recordValue(Math.max(0, sentNanos - dueNanos));
    }

    /** From the first sending to the last. */
    double spanMs() {
        return (lastSent - firstSent) / NANOS_PER_MS;
    }

    Gaps gaps() {
        boolean judged = errors.getTotalCount() > 0;
        return new Gaps(
                TELLING_GAP_MS,
                errors.getTotalCount(),
                judged ? errors.getValueAtPercentile(50) / STEPS_PER_PERCENT : null,
                judged ? errors.getValueAtPercentile(99) / STEPS_PER_PERCENT : null,
                latenessNanos.getValueAtPercentile(50) / NANOS_PER_MS,
                latenessNanos.getValueAtPercentile(99) / NANOS_PER_MS,
                latenessNanos.getMaxValue() / NANOS_PER_MS);
    }
}
