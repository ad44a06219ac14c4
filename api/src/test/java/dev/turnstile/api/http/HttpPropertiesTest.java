package dev.turnstile.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.unit.DataSize;

class HttpPropertiesTest {

    @Configuration(proxyBeanMethods = false)
    @EnableConfigurationProperties(HttpProperties.class)
    static class Application {}

    private final ApplicationContextRunner application =
            new ApplicationContextRunner().withUserConfiguration(Application.class);

    @Test
    void hasDefaultsForAll() {
        application.run(context -> assertThat(context.getBean(HttpProperties.class))
                .isEqualTo(new HttpProperties(
                        Duration.ofSeconds(10), Duration.ofSeconds(10), DataSize.ofMegabytes(16), List.of())));
    }

    @Test
    void takesOriginsAsBrowsersWriteThem() {
        application
                .withPropertyValues(
                        "turnstile.http.allowed-origins=https://shop.example,http://localhost:3000,http://[::1]:80")
                .run(context -> assertThat(context.getBean(HttpProperties.class).allowedOrigins())
                        .hasSize(3));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "turnstile.http.head-timeout=0s",
                "turnstile.http.body-timeout=-1s",
                "turnstile.http.body-memory=64KB",
                "turnstile.http.body-memory=2GB",
                "turnstile.http.allowed-origins=*",
                "turnstile.http.allowed-origins=shop.example",
                "turnstile.http.allowed-origins=https://shop.example/",
                "turnstile.http.allowed-origins=https://Shop.example",
                "turnstile.http.allowed-origins=https://shop.example,https://*.example",
                "turnstile.http.allowed-origins=ftp://shop.example",
                "turnstile.http.allowed-origins=null",
            })
    void namesThePropertyThatIsOutOfBounds(String property) {
        String name = property.substring(0, property.indexOf('='));
        application
                .withPropertyValues(property)
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageStartingWith(name + " must"));
    }
}
