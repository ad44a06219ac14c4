package dev.turnstile.stock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import dev.turnstile.order.StockLevel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class StockAllocatorPropertyTest {

    private static final long PRODUCTS = 4;
    private static final long UNKNOWN = 5;

    @Property
    void everyOrderGetsAllOfItsLinesOrNoneAndTheSumsHold(
            @ForAll("stocks") List<Integer> stock, @ForAll("orders") List<Order> orders) {
        List<StockRow> rows = new ArrayList<>();
        Map<Long, Integer> left = new HashMap<>();
        for (int i = 0; i < stock.size(); i++) {
            rows.add(new StockRow(i + 1, stock.get(i), 1, 0, 0, 0));
            left.put(i + 1L, stock.get(i));
        }
        StockAllocator till = new StockAllocator(rows);

        for (Order order : orders) {
            boolean known = left.keySet().containsAll(order.productIds());
            boolean enough = known
                    && order.lines().stream()
                            .allMatch(line -> left.getOrDefault(line.productId(), 0) >= line.quantity());
            Outcome outcome = till.serve(order);
            if (!known) {
                assertThat(outcome).isEqualTo(new Outcome.UnknownProduct(List.of(UNKNOWN)));
            } else if (enough) {
                order.lines().forEach(line -> left.merge(line.productId(), -line.quantity(), Integer::sum));
                assertThat(outcome)
                        .isEqualTo(new Outcome.Fulfilled(order.productIds().stream()
                                .map(id -> new StockLevel(id, left.getOrDefault(id, 0)))
                                .toList()));
            } else {
                assertThat(outcome)
                        .isEqualTo(new Outcome.OutOfStock(order.lines().stream()
                                .filter(line -> left.getOrDefault(line.productId(), 0) < line.quantity())
                                .map(line -> new Shortage(
                                        line.productId(), line.quantity(), left.getOrDefault(line.productId(), 0)))
                                .toList()));
            }
        }

        for (StockRow row : rows) {
            int remaining = left.getOrDefault(row.productId(), 0);
            assertThat(remaining).isNotNegative();
            assertThat(till.taken(row.productId())).isEqualTo(row.quantity() - remaining);
        }
    }

    @Provide
    Arbitrary<List<Integer>> stocks() {
        return Arbitraries.integers().between(0, 30).list().ofSize((int) PRODUCTS);
    }

    @Provide
    Arbitrary<List<Order>> orders() {
        Arbitrary<OrderLine> line = Combinators.combine(
                        Arbitraries.longs().between(1, UNKNOWN),
                        Arbitraries.integers().between(1, 5))
                .as(OrderLine::new);
        return line.list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(lines -> new Order(UUID.randomUUID(), Mode.FAIR, lines, Instant.EPOCH, null, null))
                .list()
                .ofMaxSize(40);
    }
}
