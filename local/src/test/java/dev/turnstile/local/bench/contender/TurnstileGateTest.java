package dev.turnstile.local.bench.contender;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.redlock.RedlockProperties;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnstileGateTest {

    @Test
    void locksAsAWorkerThatIsToldNothingButTheNodes() {
        List<URI> nodes = List.of(URI.create("redis://a:1"), URI.create("redis://b:2"), URI.create("redis://c:3"));

        RedlockProperties properties = TurnstileGate.byDefault(nodes);

        assertThat(properties.nodes()).hasToString(nodes.toString());
        assertThat(properties.lease()).isEqualTo(Duration.ofSeconds(5));
        assertThat(properties.retryDelay()).isEqualTo(Duration.ofMillis(10));
    }
}
