package dev.turnstile.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class OrderTest {

    @Test
    void addsLinesOfOneProductTogetherAndSortsThem() {
        Order order = order(new OrderLine(9, 1), new OrderLine(2, 3), new OrderLine(9, 4));
        assertThat(order.lines()).containsExactly(new OrderLine(2, 3), new OrderLine(9, 5));
        assertThat(order.productIds()).containsExactly(2L, 9L);
    }

    @Test
    void refusesNoLinesAndTooManyLines() {
        assertThatThrownBy(this::order).hasMessageContaining("1 to 50 lines, not 0");
        OrderLine[] tooMany = Collections.nCopies(51, new OrderLine(1, 1)).toArray(OrderLine[]::new);
        assertThatThrownBy(() -> order(tooMany)).hasMessageContaining("1 to 50 lines, not 51");
    }

    @Test
    void refusesNumbersThatAreNotPositive() {
        assertThatThrownBy(() -> new OrderLine(0, 1)).hasMessageContaining("productId");
        assertThatThrownBy(() -> new OrderLine(1, -1)).hasMessageContaining("quantity");
    }

    @Test
    void fiftyOfTheLargestLinesOfOneProductStillAddUp() {
        OrderLine[] most = Collections.nCopies(Order.MAX_LINES, new OrderLine(1, OrderLine.MAX_QUANTITY))
                .toArray(OrderLine[]::new);
        assertThat(order(most).lines()).containsExactly(new OrderLine(1, 500_000));
    }

    private Order order(OrderLine... lines) {
        return new Order(UUID.randomUUID(), Mode.FAIR, List.of(lines), Instant.EPOCH, null, null);
    }
}
