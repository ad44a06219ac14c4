package dev.turnstile.local.bench;

import dev.turnstile.local.client.Connections;
import dev.turnstile.local.client.Connections.Arrival;
import io.netty.handler.codec.http.FullHttpRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * A stream of one request over HTTP. Open: sent on a schedule that no slow answer delays, and timed from the moment at
 * which each was due, so that what a stall holds up is counted (no coordinated omission; Tene, How NOT to Measure
 * Latency, 2015). Closed: some users who send again as soon as they are answered; it finds the capacity.
 */
final class HttpLoad implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Connections connections;
    private final FullHttpRequest request;

    /**
     * @param connections to the API under load, its first one
     * @param request what is sent
     */
    HttpLoad(Connections connections, FullHttpRequest request) {
        this.connections = connections;
        this.request = request;
    }

    /**
     * What came of a load.
     *
     * @param latency of those that were answered with 200, µs
     * @param failed requests with another answer, or none
     * @param seconds from the first request to the last answer
     */
    record Outcome(Histogram latency, long failed, double seconds) {

        double perSecond() {
            return latency.getTotalCount() / seconds;
        }
    }

    /** Sends at a rate, for a time, and waits for the answers. */
    Outcome open(double perSecond, Duration duration) throws InterruptedException {
        int count = (int) Math.max(1, perSecond * duration.toNanos() / 1e9);
        Tally tally = new Tally(count);
        double interval = 1e9 / perSecond;
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long due = start + (long) (i * interval);
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            CompletableFuture<Void> unused =
                    connections.onThread(() -> connections.ask(0, request, arrival -> tally.add(arrival, due)));
        }
        return tally.await(start, Duration.ZERO);
    }

    /** Lets users send for a time, each again when answered. */
    Outcome closed(int users, Duration duration) throws InterruptedException {
        Tally tally = new Tally(users);
        long start = System.nanoTime();
        long end = start + duration.toNanos();
        CompletableFuture<Void> unused = connections.onThread(() -> {
            for (int user = 0; user < users; user++) {
                askAgain(tally, end);
            }
        });
        return tally.await(start, duration);
    }

    private void askAgain(Tally tally, long end) {
        long sent = System.nanoTime();
        connections.ask(0, request, arrival -> {
            tally.note(arrival, sent);
            if (System.nanoTime() < end && arrival.error() == null) {
                askAgain(tally, end);
            } else {
                tally.done();
            }
        });
    }

    @Override
    public void close() {
        connections.close();
    }

    /** Written by the thread of the connections, read when it is done. */
    private static final class Tally {

        private final Histogram latency = new Histogram(TimeUnit.MINUTES.toMicros(5), 3);
        private final CountDownLatch open;
        private long failed;
        private volatile long last = System.nanoTime();

        Tally(int count) {
            open = new CountDownLatch(count);
        }

        void add(Arrival arrival, long due) {
            note(arrival, due);
            done();
        }

        void note(Arrival arrival, long due) {
            last = arrival.at();
            if (arrival.status() == 200) {
                latency.recordValue(Math.max(0, (arrival.at() - due) / 1_000));
            } else {
                failed++;
            }
        }

        void done() {
            open.countDown();
        }

        /** Waits for all answers, those to what is sent for some time yet among them. */
        Outcome await(long start, Duration sending) throws InterruptedException {
            if (!open.await(sending.plus(PATIENCE).toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IllegalStateException(open.getCount() + " requests were not answered within "
                        + PATIENCE.toSeconds() + " s after the last was sent");
            }
            return new Outcome(latency, failed, (last - start) / 1e9);
        }
    }
}
