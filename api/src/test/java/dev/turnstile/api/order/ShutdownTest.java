package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.api.order.FakeBackends.FakePublisher;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

class ShutdownTest {

    @Test
    void answers202ToWhoeverWaitsInsteadOfDroppingThem() throws Exception {
        ConfigurableApplicationContext application = new SpringApplicationBuilder(FakeBackends.class)
                .run("--server.port=0", "--springdoc.api-docs.enabled=false");
        FakePublisher publisher = application.getBean(FakePublisher.class);
        ApiClient api =
                new ApiClient(application.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
        List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, 20)
                .mapToObj(i -> api.sendAsync(api.request(
                        "PATCH", "/v1/stocks/locks/fair", "{\"orders\":[{\"productId\":1,\"quantity\":1}]}")))
                .toList();
        await().until(() -> publisher.published().size() == 20);

        application.close();

        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get().statusCode()).isEqualTo(202);
            assertThat(answer.get().headers().firstValue("Location")).isPresent();
        }
    }
}
