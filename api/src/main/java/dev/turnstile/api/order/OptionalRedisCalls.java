package dev.turnstile.api.order;

import dev.turnstile.batch.AsyncFailures;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Optional Redis calls behind a circuit breaker: an order proceeds without the answer. A Redis that is down delays a
 * few orders briefly; from then on one call in a while finds out whether it is back.
 */
final class OptionalRedisCalls {

    private static final Logger log = LoggerFactory.getLogger(OptionalRedisCalls.class);

    /** The longest wait for an answer. */
    static final Duration PATIENCE = Duration.ofMillis(500);

    private final CircuitBreaker breaker = CircuitBreaker.of(
            "line",
            CircuitBreakerConfig.custom()
                    .slidingWindow(20, 5, CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                    .waitDurationInOpenState(Duration.ofSeconds(1))
                    .permittedNumberOfCallsInHalfOpenState(2)
                    .build());

    OptionalRedisCalls() {
        breaker.getEventPublisher()
                .onStateTransition(
                        event -> log.warn("circuit breaker of optional Redis calls: {}", event.getStateTransition()));
    }

    /**
     * Asks.
     *
     * @return the answer, or nothing if there is none in time; never fails
     */
    <T> CompletionStage<Optional<T>> ask(Supplier<CompletionStage<T>> question) {
        return breaker.executeCompletionStage(() -> bounded(question))
                .thenApply(Optional::of)
                .exceptionally(failure -> {
                    Throwable cause = AsyncFailures.cause(failure);
                    if (!(cause instanceof CallNotPermittedException)) {
                        log.debug("an optional Redis call failed: {}", cause.toString());
                    }
                    return Optional.empty();
                });
    }

    private static <T> CompletionStage<T> bounded(Supplier<CompletionStage<T>> question) {
        try {
            return question.get().toCompletableFuture().copy().orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RuntimeException e) { // the Redis client is shut down
            return CompletableFuture.failedStage(e);
        }
    }
}
