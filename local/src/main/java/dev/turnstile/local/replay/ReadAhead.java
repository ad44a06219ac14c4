package dev.turnstile.local.replay;

import dev.turnstile.local.replay.Recording.Passed;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads a recording on a thread of its own, some orders ahead, so that no sending waits for a fetch. */
final class ReadAhead implements AutoCloseable {

    private static final int AHEAD = 2048;
    private static final long STOP_MS = 5_000;

    /** An order, or the end and why it ended; and what was passed up to there. */
    private record Item(
            @Nullable TopicOrder order, @Nullable RuntimeException failure, Passed passed) {}

    private final BlockingQueue<Item> items = new ArrayBlockingQueue<>(AHEAD);
    private final Recording recording;
    private final Thread thread;
    private @Nullable Item end;
    private Passed passed = Passed.NOTHING;

    ReadAhead(Recording recording) {
        this.recording = recording;
        this.thread = new Thread(this::read, "replay-reader");
        thread.setDaemon(true);
        thread.start();
    }

    private void read() {
        try {
            Item item;
            do {
                item = nextItem();
                items.put(item);
            } while (item.order() != null);
        } catch (InterruptedException e) {
            // closed
        }
    }

    private Item nextItem() {
        try {
            TopicOrder order = recording.next();
            return new Item(order, null, recording.passed());
        } catch (RuntimeException e) {
            return new Item(null, e, recording.passed());
        }
    }

    /**
     * The next order.
     *
     * @param stop ends the wait for it
     * @return null at the end, and when stopped
     */
    @Nullable TopicOrder next(Stop stop) throws InterruptedException {
        while (end == null && !stop.requested()) {
            Item item = items.poll(Stop.NOTICED_WITHIN_MS, TimeUnit.MILLISECONDS);
            if (item != null) {
                passed = item.passed();
                if (item.order() != null) {
                    return item.order();
                }
                end = item;
            }
        }
        if (end != null && end.failure() != null) {
            throw end.failure();
        }
        return null;
    }

    /** What was passed up to the order that was handed out last. */
    Passed passed() {
        return passed;
    }

    /** Ends the reading. */
    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join(STOP_MS);
    }
}
