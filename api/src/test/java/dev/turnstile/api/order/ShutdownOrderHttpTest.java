package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import dev.turnstile.api.order.FairProperties.PartitionKey;
import dev.turnstile.stock.Installation;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.web.server.context.WebServerGracefulShutdownLifecycle;

/** Each phase stops only when those that need it have stopped. */
@HttpTest
class ShutdownOrderHttpTest {

    @Autowired
    WaitingRequests waiting;

    @Autowired
    OrderStreams streams;

    @Autowired
    WebServerGracefulShutdownLifecycle drain;

    @Autowired
    LineHeartbeat pulse;

    @Test
    void whoWaitsOrListensIsAnsweredThenHttpDrainsThenKafkaAndThePulseStop() {
        assertThat(waiting.getPhase()).isGreaterThan(drain.getPhase());
        assertThat(streams.getPhase()).isGreaterThan(drain.getPhase());
        assertThat(pulse.getPhase())
                .as("the line knows this API while it may draw")
                .isEqualTo(ReplyReader.PHASE)
                .isLessThan(drain.getPhase());
        assertThat(new KafkaOrderPublisher(
                                mock(),
                                new Installation(UUID.randomUUID(), new byte[32]),
                                PartitionKey.PRODUCT,
                                1,
                                () -> 0,
                                Duration.ZERO)
                        .getPhase())
                .isEqualTo(ReplyReader.PHASE);
    }
}
