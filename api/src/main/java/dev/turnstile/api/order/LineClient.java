package dev.turnstile.api.order;

import dev.turnstile.line.TicketLine;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Calls to the ticket line, each bounded in time. */
final class LineClient {

    private final TicketLine line;
    private final Duration limit;

    /**
     * @param limit longest time to wait for an answer
     */
    LineClient(TicketLine line, Duration limit) {
        this.line = line;
        this.limit = limit;
    }

    /**
     * Asks the line.
     *
     * @return its answer; fails with what it failed with, or with a {@link java.util.concurrent.TimeoutException}. What
     *     was asked may be done all the same.
     */
    <T> CompletionStage<T> call(Function<TicketLine, CompletionStage<T>> question) {
        return bounded(asked(question));
    }

    /** The same without a bound. */
    <T> CompletionStage<T> asked(Function<TicketLine, CompletionStage<T>> question) {
        try {
            return question.apply(line);
        } catch (RuntimeException e) { // the Redis client is shut down
            return CompletableFuture.failedStage(e);
        }
    }

    /** Bounds a question that was asked. */
    <T> CompletionStage<T> bounded(CompletionStage<T> answer) {
        return answer.toCompletableFuture().copy().orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS);
    }
}
