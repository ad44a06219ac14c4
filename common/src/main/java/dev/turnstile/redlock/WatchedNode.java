package dev.turnstile.redlock;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node with a limit on its answers. One that fails or exceeds it rests for a while. */
final class WatchedNode {

    private static final Logger log = LoggerFactory.getLogger(WatchedNode.class);

    private final RedlockNode node;
    private final RedlockTimer timing;
    private final Duration limit;
    private final Duration rest;
    private boolean failing;
    private long restEnds;

    WatchedNode(RedlockNode node, RedlockTimer timing, RedlockProperties properties) {
        this.node = node;
        this.timing = timing;
        this.limit = properties.nodeTimeout();
        this.rest = properties.nodeRest();
    }

    /** Whether it failed a short while ago and is better not asked. */
    synchronized boolean isResting() {
        return failing && timing.nanoTime() - restEnds < 0;
    }

    <T> CompletionStage<T> ask(Function<RedlockNode, CompletionStage<T>> question) {
        return ask(question, late -> {});
    }

    /**
     * @param late gets the answer that came when the stage had already failed by the time limit
     * @return the answer; fails when the node does or when the limit is exceeded
     */
    <T> CompletionStage<T> ask(Function<RedlockNode, CompletionStage<T>> question, Consumer<T> late) {
        CompletableFuture<T> inTime = new CompletableFuture<>();
        RedlockTimer.Alarm alarm = timing.after(limit, () -> {
            if (inTime.completeExceptionally(new TimeoutException("no answer within " + limit.toMillis() + " ms"))) {
                failed("has not answered within " + limit.toMillis() + " ms");
            }
        });
        question(question).whenComplete((answer, failure) -> {
            alarm.cancel();
            if (failure == null) {
                if (inTime.complete(answer)) {
                    answered();
                } else {
                    late.accept(answer);
                }
            } else {
                failed("fails: " + failure.getMessage());
                inTime.completeExceptionally(failure);
            }
        });
        return inTime;
    }

    @Override
    public String toString() {
        return node.toString();
    }

    private <T> CompletionStage<T> question(Function<RedlockNode, CompletionStage<T>> question) {
        try {
            return question.apply(node);
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    private synchronized void answered() {
        // An answer to an earlier question does not end the rest, or a node that lags would never have one.
        if (failing && !isResting()) {
            failing = false;
            log.info("Redlock node {} answers again", node);
        }
    }

    private synchronized void failed(String what) {
        restEnds = timing.nanoTime() + rest.toNanos();
        if (!failing) {
            failing = true;
            log.warn(
                    "Redlock node {} {}; a majority without it goes on, it is asked again every {} ms",
                    node,
                    what,
                    rest.toMillis());
        }
    }
}
