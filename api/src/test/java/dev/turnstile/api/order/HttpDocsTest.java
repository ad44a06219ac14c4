package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.api.http.RequestBody;
import dev.turnstile.api.order.FakeBackends.FakeLedger;
import dev.turnstile.api.order.FakeBackends.FakeLine;
import dev.turnstile.api.order.FakeBackends.FakePublisher;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.line.QueuePosition;
import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketedOrder;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.Outcome;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Holds {@code docs/http.md} to what the API answers. */
@HttpTest
class HttpDocsTest {

    private static final String FAIR = "/v1/stocks/locks/fair";
    private static final String ORDER = "{\"orders\":[{\"productId\":1,\"quantity\":1}]}";
    private static final Pattern STATUS_ROW =
            Pattern.compile("^\\| `([A-Z_]+)` \\| (.+?) \\| (.+?) \\| (.+?) \\|$", Pattern.MULTILINE);
    private static final Pattern PROBLEM_ROW = Pattern.compile("^\\| `[a-z-]+` \\| \\d+ \\| .+\\|$", Pattern.MULTILINE);

    private static final List<Outcome> OUTCOMES = List.of(
            new Outcome.Fulfilled(List.of()),
            new Outcome.OutOfStock(List.of()),
            new Outcome.UnknownProduct(List.of(1L)),
            new Outcome.Cancelled(),
            new Outcome.Unavailable("busy"),
            new Outcome.Invalid("broken"));

    @Autowired
    FakeLine line;

    @Autowired
    FakePublisher publisher;

    @Autowired
    FakeLedger ledger;

    @LocalServerPort
    int port;

    private ApiClient api;
    private String page;

    @BeforeEach
    void read() throws IOException {
        api = new ApiClient(port);
        page = Files.readString(Path.of("..", "docs", "http.md"));
        line.failure = null;
        line.standing.clear();
        publisher.failure = null;
        publisher.published.clear();
        ledger.failure = null;
        ledger.decisions.clear();
    }

    @Test
    void everyStatusHasTheAnswersThatThePageTells() throws Exception {
        Map<String, String> expected = new TreeMap<>();
        for (Outcome outcome : OUTCOMES) {
            publisher.decide = order -> outcome;
            String patch = told(api.send(api.request("PATCH", FAIR, ORDER)));
            Order order = FakeBackends.order(Mode.FAIR);
            ledger.decisions.put(order.id(), FakePublisher.decision(order, new Ticket(1), outcome));
            String address = "/v1/orders/" + order.id();
            expected.put(
                    outcome.status(),
                    patch + " | " + told(api.send(api.request(address))) + " | "
                            + told(api.send(api.request(address).DELETE())));
        }
        publisher.decide = null;
        HttpResponse<String> waiting =
                api.send(api.request("PATCH", FAIR, ORDER).header("Prefer", "wait=0"));
        Order order = publisher.published.get(publisher.published.size() - 1);
        line.standing.put(order.id(), new TicketedOrder(order, new Ticket(1)));
        String address = "/v1/orders/" + order.id();
        CompletableFuture<HttpResponse<String>> distributed = api.sendAsync(
                api.request("PATCH", "/v1/stocks/locks/distributed", ORDER).header("Prefer", "wait=2"));
        await().until(() -> publisher.published.size() > OUTCOMES.size() + 1);
        Order other = publisher.published.get(publisher.published.size() - 1);
        HttpResponse<String> notInLine =
                api.send(api.request("/v1/orders/" + other.id()).DELETE());
        line.places.put(order.id(), new QueuePosition(new Ticket(1), 0, 1));
        expected.put(
                OrderView.WAITING,
                told(waiting) + " | " + told(api.send(api.request(address))) + " | "
                        + told(api.send(api.request(address).DELETE())) + ", and it is CANCELLED; "
                        + told(notInLine) + " for a distributed order");
        distributed.join();
        line.places.clear();

        Map<String, String> rows = new TreeMap<>();
        Matcher row = STATUS_ROW.matcher(page);
        while (row.find()) {
            rows.put(row.group(1), row.group(2) + " | " + row.group(3) + " | " + row.group(4));
        }
        assertThat(rows).isEqualTo(expected);
    }

    @Test
    void everyProblemTypeHasItsRow() {
        assertThat(PROBLEM_ROW.matcher(page).results().map(found -> found.group()))
                .containsExactlyElementsOf(Arrays.stream(ProblemType.values())
                        .map(type -> "| `%s` | %d | %s | %s |%s |"
                                .formatted(
                                        type.slug(),
                                        type.status().value(),
                                        type.title(),
                                        type.remedy(),
                                        type.retryable() ? " yes" : ""))
                        .collect(Collectors.toList()));
    }

    @Test
    void namesTheLongestBody() {
        assertThat(page).contains("| body | " + RequestBody.MAX_BYTES / 1024 + " KiB | 413 |");
    }

    private static String told(HttpResponse<String> answer) {
        if (answer.statusCode() < 400) {
            return "" + answer.statusCode();
        }
        String type = ApiClient.json(answer).get("type").asString();
        return answer.statusCode() + " `" + type.substring("/problems/".length()) + "`";
    }
}
