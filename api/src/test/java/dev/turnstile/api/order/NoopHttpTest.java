package dev.turnstile.api.order;

import static dev.turnstile.api.order.ApiClient.assertProblem;
import static dev.turnstile.api.order.ApiClient.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.api.order.FakeBackends.FakeLine;
import dev.turnstile.api.order.FakeBackends.FakePublisher;
import java.net.http.HttpResponse;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.web.server.LocalServerPort;

@HttpTest
class NoopHttpTest {

    private static final String NOOP = "/v1/noop";

    @Autowired
    FakeLine line;

    @Autowired
    FakePublisher publisher;

    @LocalServerPort
    int port;

    @Test
    void answersLikeAnOrderAndOrdersNothing() throws Exception {
        ApiClient api = new ApiClient(port);
        int drawnBefore = line.drawn.size();
        int publishedBefore = publisher.published.size();

        HttpResponse<String> answer = api.send(api.request(
                "PATCH", NOOP, "{\"orders\":[{\"productId\":1,\"quantity\":1},{\"productId\":2,\"quantity\":1}]}"));

        assertThat(answer.statusCode()).isEqualTo(200);
        UUID id = UUID.fromString(json(answer).get("orderId").stringValue());
        assertThat(answer.body())
                .isEqualTo("{\"orderId\":\"%s\",\"status\":\"NOOP\",".formatted(id)
                        + "\"stocks\":[{\"productId\":1,\"quantity\":0},{\"productId\":2,\"quantity\":0}]}");
        assertThat(line.drawn).hasSize(drawnBefore);
        assertThat(publisher.published).hasSize(publishedBefore);
    }

    @Test
    void refusesWhatAnOrderIsRefusedFor() throws Exception {
        ApiClient api = new ApiClient(port);
        HttpResponse<String> answer =
                api.send(api.request("PATCH", NOOP, "{\"orders\":[{\"productId\":1,\"quantity\":0}]}"));
        assertProblem(answer, 422, "invalid-request");
    }

    @Test
    void isThereOnlyWhereItIsAskedFor() {
        ApplicationContextRunner application =
                new ApplicationContextRunner().withUserConfiguration(NoopController.class);
        application.run(context -> assertThat(context).doesNotHaveBean(NoopController.class));
        application.withPropertyValues("turnstile.api.noop=false").run(context -> assertThat(context)
                .doesNotHaveBean(NoopController.class));
        application.withPropertyValues("turnstile.api.noop=true").run(context -> assertThat(context)
                .hasSingleBean(NoopController.class));
    }
}
