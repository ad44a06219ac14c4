package dev.turnstile.worker.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ConnectedComponentsTest {

    @Test
    void ordersThatShareAProductDirectlyOrThroughOthersAreTogether() {
        Order ab = order(1, 2);
        Order c = order(3);
        Order bd = order(4, 2);
        Order e = order(5);
        Order d = order(4);
        assertThat(ConnectedComponents.of(List.of(ab, c, bd, e, d), Order::productIds))
                .containsExactlyInAnyOrder(List.of(ab, bd, d), List.of(c), List.of(e));
    }

    @Test
    void aChainIsOneComponentWhateverTheOrderOfItsLinks() {
        List<Order> chain =
                List.of(order(7, 8), order(1, 2), order(5, 6), order(3, 4), order(2, 3), order(6, 7), order(4, 5));
        assertThat(ConnectedComponents.of(chain, Order::productIds)).containsExactly(chain);
    }

    @Test
    void nothingHasNoComponents() {
        assertThat(ConnectedComponents.of(List.<Order>of(), Order::productIds)).isEmpty();
    }

    private static Order order(long... productIds) {
        List<OrderLine> lines =
                Arrays.stream(productIds).mapToObj(id -> new OrderLine(id, 1)).toList();
        return new Order(UUID.randomUUID(), Mode.DISTRIBUTED, lines, Instant.EPOCH, null, null);
    }
}
