package dev.turnstile.redlock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A node in memory that does what the scripts do, reached over a network that a test can spoil. */
final class SimulatedNode {

    /** What a node may do wrong, to show that the tests would find it. */
    enum Flaw {
        NONE,
        /** Raises the counter also for an owner whose grant has expired. */
        BLIND_WRITE_BACK,
        /** Grants from 0 when it has lost its memory. */
        GRANTS_WHEN_EMPTY,
        /** Releases keys of any owner. */
        BLIND_RELEASE
    }

    /** How a question and its answer travel. */
    interface Network {

        /** The time one way takes; null loses the message. */
        @Nullable Duration travel();

        /** Whether the node is to get the question twice. */
        default boolean repeats() {
            return false;
        }

        /** Hands an answer to the process that asked. */
        default void deliver(Runnable answer) {
            answer.run();
        }
    }

    private record Key(String owner, long expires) {}

    /** A grant in the order in which this node made them, and the highest token its owner had confirmed by it. */
    static final class Grant {
        private final LockRequest claim;
        private final long counter;
        private long confirmed;

        private Grant(LockRequest claim, long counter) {
            this.claim = claim;
            this.counter = counter;
            this.confirmed = counter;
        }

        /** Whether an acquisition that got this token can rest on this grant. */
        boolean carries(LockRequest other, long token) {
            return claim.owner().equals(other.owner()) && counter <= token && token <= confirmed;
        }
    }

    private final String name;
    private final ManualTime time;
    private final double clockRate;
    private final Flaw flaw;
    private final Map<Long, Key> keys = new HashMap<>();
    private final List<Grant> grants = new ArrayList<>();
    private final List<Runnable> stuck = new ArrayList<>();
    private @Nullable Long counter;
    private @Nullable String marker;
    private boolean down;
    private boolean hangs;

    /**
     * @param clockRate how long a lease lasts here, as a multiple of its length
     */
    SimulatedNode(String name, ManualTime time, double clockRate, Flaw flaw) {
        this.name = name;
        this.time = time;
        this.clockRate = clockRate;
        this.flaw = flaw;
    }

    SimulatedNode(String name, ManualTime time) {
        this(name, time, 1, Flaw.NONE);
    }

    void goDown() {
        down = true;
    }

    void comeUp() {
        down = false;
    }

    void hang() {
        hangs = true;
    }

    void resume() {
        hangs = false;
        List<Runnable> waiting = List.copyOf(stuck);
        stuck.clear();
        waiting.forEach(Runnable::run);
    }

    void loseMemory() {
        keys.clear();
        counter = null;
        marker = null;
    }

    /** A clock that jumps: keys are gone before their time. */
    void expireNow(long product) {
        keys.remove(product);
    }

    void holdForAnother(long product) {
        keys.put(product, new Key("another", Long.MAX_VALUE));
    }

    void count(long value) {
        counter = value;
    }

    @Nullable Long counter() {
        return counter;
    }

    /** Every grant made, in order, also those since forgotten. */
    List<Grant> grants() {
        return grants;
    }

    boolean holds(long product) {
        return key(product) != null;
    }

    /** The node as seen through a network. */
    RedlockNode over(Network network) {
        return new RedlockNode() {
            @Override
            public CompletionStage<List<Answer>> acquire(List<LockRequest> claims, long floor) {
                return ask(network, () -> claims.stream()
                        .map(claim -> SimulatedNode.this.acquire(claim, floor))
                        .toList());
            }

            @Override
            public CompletionStage<List<Boolean>> writeBack(List<Confirmation> confirmations) {
                return ask(network, () -> confirmations.stream()
                        .map(each -> SimulatedNode.this.writeBack(each.claim(), each.token()))
                        .toList());
            }

            @Override
            public CompletionStage<Boolean> extend(LockRequest claim) {
                return ask(network, () -> SimulatedNode.this.extend(claim));
            }

            @Override
            public CompletionStage<Void> release(List<LockRequest> claims) {
                return ask(network, () -> {
                    claims.forEach(SimulatedNode.this::release);
                    return null;
                });
            }

            @Override
            public CompletionStage<Memory> mark(String name) {
                return ask(network, () -> SimulatedNode.this.mark(name));
            }

            @Override
            public CompletionStage<Boolean> seed(String expected, long value) {
                return ask(network, () -> SimulatedNode.this.seed(expected, value));
            }

            @Override
            public String toString() {
                return name;
            }
        };
    }

    private <T> CompletionStage<T> ask(Network network, Supplier<@Nullable T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        send(network, question, answer);
        if (network.repeats()) {
            send(network, question, answer);
        }
        return answer;
    }

    private <T> void send(Network network, Supplier<@Nullable T> question, CompletableFuture<T> answer) {
        Duration there = network.travel();
        if (there != null) {
            time.after(there, () -> arrive(network, question, answer));
        }
    }

    private <T> void arrive(Network network, Supplier<@Nullable T> question, CompletableFuture<T> answer) {
        if (down) {
            network.deliver(() -> answer.completeExceptionally(new IllegalStateException("connection refused")));
        } else if (hangs) {
            stuck.add(() -> arrive(network, question, answer));
        } else {
            T result = question.get();
            Duration back = network.travel();
            if (back != null) {
                time.after(back, () -> network.deliver(() -> answer.complete(result)));
            }
        }
    }

    private RedlockNode.Answer acquire(LockRequest claim, long floor) {
        if (counter == null) {
            if (flaw != Flaw.GRANTS_WHEN_EMPTY) {
                return new RedlockNode.Answer.Empty();
            }
            counter = 0L;
        }
        for (long product : claim.productIds()) {
            Key key = key(product);
            if (key != null && !key.owner().equals(claim.owner())) {
                return new RedlockNode.Answer.Held();
            }
        }
        counter = Math.max(counter, floor) + 1;
        put(claim);
        grants.add(new Grant(claim, counter));
        return new RedlockNode.Answer.Granted(counter);
    }

    private boolean writeBack(LockRequest claim, long token) {
        if (counter == null || (!holdsAll(claim) && flaw != Flaw.BLIND_WRITE_BACK)) {
            return false;
        }
        counter = Math.max(counter, token);
        grants.stream()
                .filter(grant -> grant.claim.owner().equals(claim.owner()))
                .reduce((earlier, later) -> later)
                .ifPresent(grant -> grant.confirmed = Math.max(grant.confirmed, token));
        return true;
    }

    private boolean extend(LockRequest claim) {
        if (!holdsAll(claim)) {
            return false;
        }
        put(claim);
        return true;
    }

    private void release(LockRequest claim) {
        for (long product : claim.productIds()) {
            Key key = key(product);
            if (key != null && (key.owner().equals(claim.owner()) || flaw == Flaw.BLIND_RELEASE)) {
                keys.remove(product);
            }
        }
    }

    private RedlockNode.Memory mark(String proposed) {
        if (counter != null) {
            return new RedlockNode.Memory.Seeded(counter);
        }
        if (marker == null) {
            marker = proposed;
        }
        return new RedlockNode.Memory.Marked(marker);
    }

    private boolean seed(String expected, long value) {
        if (counter != null || !expected.equals(marker)) {
            return false;
        }
        counter = value;
        marker = null;
        return true;
    }

    private boolean holdsAll(LockRequest claim) {
        return claim.productIds().stream().allMatch(product -> {
            Key key = key(product);
            return key != null && key.owner().equals(claim.owner());
        });
    }

    private void put(LockRequest claim) {
        long expires = time.elapsed() + (long) (claim.lease().toNanos() * clockRate);
        claim.productIds().forEach(product -> keys.put(product, new Key(claim.owner(), expires)));
    }

    private @Nullable Key key(long product) {
        Key key = keys.get(product);
        return key == null || key.expires() <= time.elapsed() ? null : key;
    }
}
