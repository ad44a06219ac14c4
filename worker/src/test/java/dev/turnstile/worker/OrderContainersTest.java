package dev.turnstile.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.kafka.event.ConsumerStoppedEvent;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;

class OrderContainersTest {

    @Test
    void stopAfterTheDecidersAndBeforeAnythingTheyNeed() {
        ConcurrentMessageListenerContainer<String, byte[]> container =
                new OrderContainers(mock(), mock()).container("fair", "orders.fair", mock());
        assertThat(container.getPhase())
                .isLessThan(SmartLifecycle.DEFAULT_PHASE) // of the deciders
                .isGreaterThan(WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE);
    }

    @ParameterizedTest
    @EnumSource(ConsumerStoppedEvent.Reason.class)
    void aConsumerThatEndsByItselfEndsTheWorker(ConsumerStoppedEvent.Reason reason) {
        VitalThreads threads = mock();
        OrderContainers containers = new OrderContainers(mock(), threads);
        ConcurrentMessageListenerContainer<String, byte[]> container =
                containers.container("fair", "orders.fair", mock());
        containers.onStopped(new ConsumerStoppedEvent(this, container, reason));
        boolean asked = reason == ConsumerStoppedEvent.Reason.NORMAL;
        verify(threads, times(asked ? 0 : 1)).died("fair-consumer (" + reason + ")", null);
    }
}
