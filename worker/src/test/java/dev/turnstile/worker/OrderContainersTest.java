package dev.turnstile.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import org.junit.jupiter.api.Test;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;

class OrderContainersTest {

    @Test
    void stopAfterTheDecidersAndBeforeAnythingTheyNeed() {
        ConcurrentMessageListenerContainer<String, byte[]> container =
                new OrderContainers(mock()).container("fair", "orders.fair", mock());
        assertThat(container.getPhase())
                .isLessThan(SmartLifecycle.DEFAULT_PHASE) // of the deciders
                .isGreaterThan(WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE);
    }
}
