package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.line.QueuePosition;
import dev.turnstile.line.Ticket;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderStreamsTest {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);

    @ParameterizedTest
    @ValueSource(strings = {"waits", "unanswered", "failing", "left out", "lost"})
    void aStreamEndsInTimeWhateverIsKnownOfItsOrder(String known) {
        OrderView view =
                OrderView.waiting(UUID.randomUUID(), new Ticket(41), new QueuePosition(new Ticket(41), 12, 20), null);
        Function<Collection<UUID>, CompletionStage<Map<UUID, Optional<OrderView>>>> look = ids -> switch (known) {
            case "waits" -> CompletableFuture.completedFuture(Map.of(view.orderId(), Optional.of(view)));
            case "unanswered" -> new CompletableFuture<>();
            case "failing" -> CompletableFuture.failedFuture(new IllegalStateException("no Redis"));
            case "left out" -> CompletableFuture.completedFuture(Map.of());
            default -> CompletableFuture.completedFuture(Map.of(view.orderId(), Optional.empty()));
        };
        OrderStreams streams = new OrderStreams(1, look, now::get);
        streams.start();
        try {
            streams.open(view);
            now.addAndGet(OrderStreams.LONGEST.toNanos());
            streams.lookAfterAll();
            assertThat(streams.count()).isEqualTo(1);
            now.incrementAndGet();
            streams.lookAfterAll();
            await().until(() -> streams.count() == 0);
            streams.open(view); // there is room again
        } finally {
            streams.stop();
        }
    }
}
