package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.apache.tomcat.util.threads.ThreadPoolExecutor;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;

@HttpTest
class ArrivalThreadsTest {

    /** It was 200 once, Tomcat's own default: the threads were made before the property was looked at. */
    @Test
    void thereAreAsManyThreadsAsTheConfigurationSays(
            @Autowired ServletWebServerApplicationContext context, @Value("${server.tomcat.threads.max}") int max) {
        TomcatWebServer server = (TomcatWebServer) Objects.requireNonNull(context.getWebServer());
        assertThat(server.getTomcat().getConnector().getProtocolHandler().getExecutor())
                .isInstanceOfSatisfying(ThreadPoolExecutor.class, threads -> assertThat(threads.getMaximumPoolSize())
                        .isEqualTo(max));
    }
}
