package dev.turnstile.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntToLongFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sends questions to a server in batches, one batch at a time, first come, first served: those that come while a batch
 * is under way go with the next. So a crowd does not wait for connections, and its order is kept. Safe for use by any
 * thread.
 *
 * @param <Q> a question
 * @param <A> its answer
 */
public final class BatchedCalls<Q, A> {

    private final int most;
    private final ToIntFunction<Q> weight;
    private final Function<List<Q>, ? extends CompletionStage<List<A>>> call;
    private final IntToLongFunction pauseAfter;

    // guarded by this
    private final Deque<Entry<Q, A>> waiting = new ArrayDeque<>();
    private boolean underWay;

    private record Entry<Q, A>(Q question, CompletableFuture<A> answer) {}

    /**
     * Creates calls without a pause between batches.
     *
     * @param most questions in a batch
     * @param call sends a batch without blocking; its answers are in the order of the questions
     */
    public BatchedCalls(int most, Function<List<Q>, ? extends CompletionStage<List<A>>> call) {
        this(most, question -> 1, call, size -> 0);
    }

    /**
     * Creates calls.
     *
     * @param most weight of a batch beyond which it gets no further question
     * @param weight of a question
     * @param pauseAfter how long the next batch gathers after one of so many questions, in nanoseconds; asked by one
     *     thread at a time
     */
    public BatchedCalls(
            int most,
            ToIntFunction<Q> weight,
            Function<List<Q>, ? extends CompletionStage<List<A>>> call,
            IntToLongFunction pauseAfter) {
        this.most = most;
        this.weight = weight;
        this.call = call;
        this.pauseAfter = pauseAfter;
    }

    /**
     * Asks.
     *
     * @return the answer; fails with what its batch failed with
     */
    public CompletableFuture<A> ask(Q question) {
        Entry<Q, A> entry = new Entry<>(question, new CompletableFuture<>());
        synchronized (this) {
            waiting.add(entry);
            if (underWay) {
                return entry.answer();
            }
            underWay = true;
        }
        sendNext();
        return entry.answer();
    }

    /** How many questions wait to be sent. */
    public synchronized int waiting() {
        return waiting.size();
    }

    private void sendNext() {
        List<Entry<Q, A>> batch = new ArrayList<>();
        synchronized (this) {
            int sum = 0;
            while (sum < most && !waiting.isEmpty()) {
                Entry<Q, A> next = waiting.remove();
                sum += weight.applyAsInt(next.question());
                batch.add(next);
            }
            if (batch.isEmpty()) {
                underWay = false;
                return;
            }
        }
        CompletionStage<List<A>> sent;
        try {
            sent = call.apply(batch.stream().map(Entry::question).toList());
        } catch (RuntimeException e) { // the client is shut down
            sent = CompletableFuture.failedStage(e);
        }
        sent.whenComplete((answers, failure) -> {
            sendNextAfter(pauseAfter.applyAsLong(batch.size()));
            complete(batch, answers, failure);
        });
    }

    private void sendNextAfter(long pause) {
        if (pause == 0) {
            sendNext();
        } else {
            CompletableFuture.delayedExecutor(pause, TimeUnit.NANOSECONDS, Runnable::run)
                    .execute(this::sendNext);
        }
    }

    private static <Q, A> void complete(
            List<Entry<Q, A>> batch, @Nullable List<A> answers, @Nullable Throwable failure) {
        for (int i = 0; i < batch.size(); i++) {
            CompletableFuture<A> entry = batch.get(i).answer();
            if (answers != null && i < answers.size()) {
                entry.complete(answers.get(i));
            } else {
                entry.completeExceptionally(
                        failure != null ? failure : new IllegalStateException("a call was not answered"));
            }
        }
    }
}
