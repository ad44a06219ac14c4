package dev.turnstile.redlock;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that passes only when a test advances it; everything due runs in the advancing thread. */
final class ManualTime implements RedlockTimer {

    private record Event(long at, long number, Runnable task) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
    // A clock that starts near its overflow finds comparisons that should be differences.
    private long now = Long.MAX_VALUE - Duration.ofMillis(700).toNanos();
    private final long begin = now;
    private long scheduled;

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public Alarm after(Duration delay, Runnable task) {
        Event event = new Event(elapsed() + Math.max(0, delay.toNanos()), scheduled++, task);
        events.add(event);
        return () -> events.remove(event);
    }

    @Override
    public void close() {}

    /** Nanoseconds since the beginning; unlike {@link #nanoTime()} it does not wrap. */
    long elapsed() {
        return now - begin;
    }

    void advance(Duration duration) {
        long until = elapsed() + duration.toNanos();
        for (Event next = events.peek(); next != null && next.at() <= until; next = events.peek()) {
            events.remove();
            now = begin + next.at();
            next.task().run();
        }
        now = begin + until;
    }
}
