package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.api.order.FakeBackends.FakeCache;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StockAdmissionTest {

    private static final List<OrderLine> ONE = List.of(new OrderLine(1, 2));
    private static final Shortage SHORTAGE = new Shortage(1, 2, 1);

    private long now = 1_000_000_000L;
    private final FakeCache cache = new FakeCache();
    private final StockAdmission door =
            new StockAdmission(cache, new OptionalRedisCalls(), Duration.ofSeconds(1), () -> now);

    private List<Shortage> shortages(List<OrderLine> lines) throws Exception {
        return door.shortages(lines).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private void decided(Outcome outcome) {
        door.decided(new Decision(UUID.randomUUID(), Mode.DISTRIBUTED, null, outcome, FakeBackends.DECIDED_AT));
    }

    @Test
    void asksNobodyUntilSomebodyWasRefused() throws Exception {
        cache.quantities.put(1L, 1);
        assertThat(shortages(ONE)).isEmpty();
        decided(new Outcome.OutOfStock(List.of(SHORTAGE)));
        assertThat(shortages(ONE)).containsExactly(SHORTAGE);
        assertThat(shortages(List.of(new OrderLine(2, 1)))).isEmpty();
    }

    @Test
    void letsInWhoCanBeServedAfterAll() throws Exception {
        decided(new Outcome.OutOfStock(List.of(SHORTAGE)));
        cache.quantities.put(1L, 2);
        assertThat(shortages(ONE)).isEmpty();
    }

    @Test
    void letsInWhereTheCacheDoesNotAnswer() throws Exception {
        decided(new Outcome.OutOfStock(List.of(SHORTAGE)));
        cache.quantities.put(1L, 1);
        cache.failure = new IllegalStateException("down");
        assertThat(shortages(ONE)).isEmpty();
    }

    @Test
    void looksAgainForAsLongAsItRefuses() throws Exception {
        cache.quantities.put(1L, 1);
        decided(new Outcome.OutOfStock(List.of(SHORTAGE)));
        for (int i = 0; i < 3; i++) {
            now += StockAdmission.LATELY.toNanos();
            assertThat(shortages(ONE)).containsExactly(SHORTAGE);
        }
        now += StockAdmission.LATELY.toNanos() + 1;
        assertThat(shortages(ONE)).isEmpty();
    }
}
