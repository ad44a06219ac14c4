package dev.turnstile.api.order;

import java.time.Duration;

/**
 * When the next batch of orders may go to Kafka. Orders that go one by one would wake broker, workers and stores for
 * each; so the more orders are on their way, the longer the next ones are gathered, and the more share what a batch
 * costs. Once half of them stand here fewer are to come than are waiting, and then they are sent. A single order is
 * sent immediately, and so is the first after a pause. Used by one thread.
 */
final class PublishBatching {

    private static final long NANOS_FOR_EACH = Duration.ofMillis(2).toNanos();

    private final long limit;
    private long batchBegan;
    private int leftOfBatch;

    /**
     * Begins with a pause behind it.
     *
     * @param limit longest time between the begins of two batches while there are orders; 0 makes none
     * @param now the time, by {@link System#nanoTime()}
     */
    PublishBatching(Duration limit, long now) {
        this.limit = limit.toNanos();
        this.batchBegan = now - this.limit;
    }

    /**
     * How long the next order has to wait, in nanoseconds; 0 or less if it may go.
     *
     * @param onTheirWay how many orders are to be decided now, those that stand here among them
     * @param here how many stand here, the next one among them
     */
    long delay(long now, int onTheirWay, int here) {
        if (leftOfBatch > 0 || 2 * here >= onTheirWay) {
            return 0;
        }
        return batchBegan + Math.min(limit, NANOS_FOR_EACH * (onTheirWay - 1)) - now;
    }

    /**
     * Notes that an order goes.
     *
     * @param behind how many wait behind it: if it begins a batch, they belong to it
     */
    void goes(long now, int behind) {
        if (leftOfBatch > 0) {
            leftOfBatch--;
        } else {
            batchBegan = now;
            leftOfBatch = behind;
        }
    }
}
