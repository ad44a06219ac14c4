package dev.turnstile.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class RedisAddressTest {

    @Test
    void usesEveryPart() {
        assertThat(RedisAddress.of("rediss://shop:pw@line.example:6380/2"))
                .isEqualTo(new RedisAddress("rediss", "line.example", 6380, "shop", "pw", 2));
        assertThat(RedisAddress.of("redis://:pw@[::1]"))
                .isEqualTo(new RedisAddress("redis", "[::1]", 6379, null, "pw", 0));
        assertThat(RedisAddress.of("redis://line.example/"))
                .isEqualTo(new RedisAddress("redis", "line.example", 6379, null, null, 0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "%40%3A%2F%23%3F%25%2B%2C @:/#?%+,",
                "a+b a+b",
                "a:b a:b",
                "p%C3%A4ss p\u00e4ss",
                "p\u00e4ss p\u00e4ss",
                "%E2%82%AC \u20ac",
                "a%20b 'a b'"
            })
    void readsEveryPassword(String written, String meant) {
        RedisAddress address = RedisAddress.of("redis://u%40v:" + written + "@host:1");
        assertThat(address.password()).isEqualTo(meant);
        assertThat(address.user()).isEqualTo("u@v");
        assertThat(address.host()).isEqualTo("host");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3cret",
                "http://:s3cret@host:1",
                "redis:/s3cret",
                "redis://:s3cret@host:1/x",
                "redis://:s3cret@host:1/2/3",
                "redis://:s3cret@host:1?database=2",
                "redis://:s3cret@host:1#2",
                "redis://:s3cret@host:65536",
                "redis://s3cret@host:1",
                "redis://s3cret:@host:1",
                "redis://:s3c ret@host:1",
                "redis://:s3cret%@host:1",
                "redis://:s3c@ret@host:1",
                "redis://:s3c/ret@host:1",
                "redis://:s3c#ret@host:1",
                "redis://:s3c?ret@host:1"
            })
    void refusesWhatItWouldNotUseAndShowsNoPassword(String text) {
        assertThatThrownBy(() -> RedisAddress.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain("s3c", "\n");
    }

    @Test
    void nodesOfAClusterHaveOneAccountAndOneDatabase() {
        assertThatCode(() -> cluster("redis://:a@one:1", "redis://:a@two:1")).doesNotThrowAnyException();
        assertThatThrownBy(() -> cluster("redis://:a@one:1", "redis://:b@two:1"))
                .hasMessageContaining("the same user and password");
        assertThatThrownBy(() -> cluster("redis://one:1/1", "redis://two:1/1")).hasMessageContaining("database 0");
    }

    @Test
    void isShownWithoutItsPassword() {
        assertThat(RedisAddress.of("redis://shop:s3cret@host:1/2")).hasToString("redis://shop@host:1/2");
    }

    private static void cluster(String... texts) {
        RedisAddress.requireOneServer(
                List.of(texts).stream().map(RedisAddress::of).toList());
    }

    @Test
    void isBoundAsItIsWritten() {
        Map<String, String> source = Map.of("addresses", "redis://:a%40%25b@one:1/2,rediss://two");
        assertThat(new Binder(new MapConfigurationPropertySource(source))
                        .bind("addresses", Bindable.listOf(RedisAddress.class))
                        .get())
                .containsExactly(
                        new RedisAddress("redis", "one", 1, null, "a@%b", 2),
                        new RedisAddress("rediss", "two", 6379, null, null, 0));
    }
}
