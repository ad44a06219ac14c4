package dev.turnstile.local.bench.contender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnstile.local.bench.DrainResult;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    private final List<Order> orders = IntStream.range(0, 100)
            .mapToObj(i ->
                    new Order(UUID.randomUUID(), Mode.FAIR, List.of(new OrderLine(1, 1)), Instant.EPOCH, null, null))
            .toList();
    private final Queue<Order> seen = new ConcurrentLinkedQueue<>();
    private final LongAdder retries = new LongAdder();

    private WorkerPool crew(int hands, WorkerPool.Hand hand) {
        return new WorkerPool("test", Collections.nCopies(hands, hand), retries);
    }

    @Test
    void everyOrderIsTakenOnceAndWhatWasNotWonIsGivenUp() throws Exception {
        retries.add(1000);
        try (WorkerPool crew = crew(8, (order, left) -> {
            seen.add(order);
            retries.increment();
            return orders.indexOf(order) % 10 != 0;
        })) {
            DrainResult result = crew.drain(orders, LONG);

            assertThat(result.decided()).isEqualTo(90);
            assertThat(result.givenUp()).isEqualTo(10);
            assertThat(result.retries()).as("of this drain").isEqualTo(100);
            assertThat(result.complete()).isFalse();
        }
        assertThat(seen).containsExactlyInAnyOrderElementsOf(orders);
    }

    @Test
    void allHandsWorkAtTheSameTime() throws Exception {
        CountDownLatch all = new CountDownLatch(4);
        try (WorkerPool crew = crew(4, (order, left) -> {
            all.countDown();
            all.await();
            return true;
        })) {
            assertThat(crew.drain(orders, LONG).complete()).isTrue();
        }
    }

    @Test
    void whatIsNotBegunInTimeIsGivenUp() throws Exception {
        try (WorkerPool crew = crew(2, (order, left) -> seen.add(order))) {
            DrainResult result = crew.drain(orders, Duration.ZERO);

            assertThat(result.decided()).isZero();
            assertThat(result.givenUp()).isEqualTo(orders.size());
        }
        assertThat(seen).isEmpty();
    }

    @Test
    void failureOfOneHandEndsTheDrain() {
        try (WorkerPool crew = crew(2, (order, left) -> {
            seen.add(order);
            throw new SQLException("gone");
        })) {
            assertThatThrownBy(() -> crew.drain(orders, LONG))
                    .isInstanceOf(SQLException.class)
                    .hasMessage("gone");
        }
        assertThat(seen.size()).isLessThanOrEqualTo(2);
    }
}
