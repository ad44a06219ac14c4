package dev.turnstile.local.bench.contender;

import dev.turnstile.local.bench.Contender;
import dev.turnstile.local.bench.contender.RedissonGate.Kind;
import dev.turnstile.local.server.ServerAddresses;
import java.util.ArrayList;
import java.util.List;

/**
 * All contenders, in the order of their tables. Each is opened, used and closed before the next one is, so that the
 * connections of one are no burden to another. The ledger's schema must be in place.
 */
public final class Contenders {

    private Contenders() {}

    /**
     * Something that can be opened.
     *
     * @param name the name it has when it is open
     * @param opening connects it
     */
    public record Entry<T>(String name, Opening<T> opening) {

        /**
         * Connects.
         *
         * @throws Exception if a server is not there or gives too few connections
         */
        public T open(ServerAddresses servers) throws Exception {
            return opening.open(name, servers);
        }
    }

    /** Connects something. */
    @FunctionalInterface
    public interface Opening<T> {

        /**
         * Connects.
         *
         * @throws Exception if a server is not there or gives too few connections
         */
        T open(String name, ServerAddresses servers) throws Exception;
    }

    /** Those that decide orders. */
    public static List<Entry<Contender>> drains() {
        List<Entry<Contender>> entries = new ArrayList<>();
        entries.add(new Entry<>("batch-insert floor", BatchFloor::new));
        for (int threads : new int[] {8, 32, 100}) {
            entries.add(new Entry<>(
                    "plain SQL, " + threads + " connections",
                    (name, servers) -> new TransactionPerOrder(name, 1_000, servers, threads, Gate.OPEN)));
        }
        for (int threads : new int[] {1, 8, 100}) {
            entries.add(locked("RLock", Kind.LOCK, threads, 500));
        }
        for (int threads : new int[] {1, 8, 100}) {
            entries.add(locked("RFairLock", Kind.FAIR_LOCK, threads, 300));
        }
        for (int threads : new int[] {1, 8, 100}) {
            entries.add(locked("RedissonRedLock", Kind.RED_LOCK, threads, 200));
        }
        return List.copyOf(entries);
    }

    private static Entry<Contender> locked(String lock, Kind kind, int threads, int drainSize) {
        return new Entry<>(
                "Redisson " + lock + ", " + threads + (threads == 1 ? " thread" : " threads"),
                (name, servers) -> new TransactionPerOrder(
                        name, drainSize, servers, threads, RedissonGate.open(kind, servers, threads)));
    }

    /** Those that only lock, for up to so many threads. */
    public static List<Entry<BareLock>> bareLocks() {
        return List.of(
                new Entry<>("Redisson RLock", (name, servers) -> bare(name, Kind.LOCK, servers)),
                new Entry<>("RedissonRedLock", (name, servers) -> bare(name, Kind.RED_LOCK, servers)),
                new Entry<>("Turnstile Redlock", (name, servers) -> new BareLock(name, TurnstileGate.open(servers))));
    }

    private static BareLock bare(String name, Kind kind, ServerAddresses servers) {
        return new BareLock(name, RedissonGate.open(kind, servers, MOST_THREADS));
    }

    private static final int MOST_THREADS = 100;
}
