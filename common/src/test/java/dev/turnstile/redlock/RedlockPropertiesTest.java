package dev.turnstile.redlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class RedlockPropertiesTest {

    private static final String THREE = "redis://a:1,redis://b:2,rediss://c:3";

    @Test
    void nodesAreEnough() {
        RedlockProperties properties = bind(Map.of("nodes", THREE));

        assertThat(properties.nodes()).hasSize(3);
        assertThat(properties.majority()).isEqualTo(2);
        assertThat(properties.drift()).isEqualTo(Duration.ofMillis(52));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    nodes         | redis://a:1,redis://b:2             | nodes must list an odd number
                    nodes         |                                     | nodes must list an odd number
                    nodes         | redis://a:1,redis://a:1,redis://b:2 | nodes must not list a master twice
                    lease         | 500ms                               | lease (PT0.5S) less drift must be longer than
                    lease         | 10s                                 | max-lease (PT5S) must not be shorter
                    node-timeout  | 0s                                  | node-timeout must be
                    node-rest     | -1s                                 | node-rest must
                    retry-count   | -1                                  | retry-count must
                    retry-delay   | 0ms                                 | retry-delay must
                    retry-jitter  | -1ms                                | retry-jitter must
                    drift-factor  | 0.5                                 | drift-factor must
                    """)
    void saysWhichPropertyIsWrong(String name, String value, String message) {
        Map<String, String> values = new HashMap<>(Map.of("nodes", THREE));
        values.put(name, value == null ? "" : value);

        assertThatThrownBy(() -> bind(values))
                .rootCause()
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("turnstile.redlock." + message);
    }

    private static RedlockProperties bind(Map<String, String> values) {
        Map<String, String> source = new HashMap<>();
        values.forEach((name, value) -> source.put("turnstile.redlock." + name, value));
        return new Binder(new MapConfigurationPropertySource(source))
                .bindOrCreate("turnstile.redlock", RedlockProperties.class);
    }
}
