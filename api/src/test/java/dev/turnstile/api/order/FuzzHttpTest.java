package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.api.order.FakeBackends.FakeLedger;
import dev.turnstile.api.order.FakeBackends.FakeLine;
import dev.turnstile.api.order.FakeBackends.FakePublisher;
import dev.turnstile.fuzz.HttpAnswerRules;
import dev.turnstile.fuzz.RawHttp;
import dev.turnstile.fuzz.RawHttp.Answer;
import dev.turnstile.fuzz.RequestFuzzer;
import dev.turnstile.fuzz.RequestFuzzer.Shot;
import dev.turnstile.order.Outcome;
import dev.turnstile.proof.Proofs;
import dev.turnstile.stock.Stock;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Requests of all kinds, valid and invalid; {@code -Dturnstile.seed=…} repeats them. */
@HttpTest
class FuzzHttpTest {

    /** Of every build; with proofs it is another one each time. */
    static final long SEED = 20261125;

    private static final int REQUESTS = Proofs.times(2_000, 5_000);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final List<Long> PRODUCTS = List.of(1L, 2L, 3L);

    @Autowired
    FakeLine line;

    @Autowired
    FakePublisher publisher;

    @Autowired
    FakeLedger ledger;

    @LocalServerPort
    int port;

    private final Map<Integer, Integer> statuses = new TreeMap<>();

    @BeforeEach
    void reset() {
        line.failure = null;
        publisher.failure = null;
        publisher.published.clear();
        publisher.decide = order -> new Outcome.Fulfilled(List.of());
        ledger.failure = null;
        ledger.stocks.clear();
        PRODUCTS.forEach(product -> ledger.stocks.put(product, new Stock(product, 1000, 1)));
    }

    @Test
    void whateverIsSentIsAnsweredOrClosedAndWhatIsRefusedChangesNothing(TestReporter reporter) {
        long seed = Long.getLong("turnstile.seed", Proofs.wanted() ? System.nanoTime() : SEED);
        RequestFuzzer fuzzer = new RequestFuzzer(seed, PRODUCTS, "secret");
        int requests = 0;
        Shot before = new Shot(List.of(), "nothing");
        for (int number = 1; requests < REQUESTS; number++) {
            Shot shot = fuzzer.next();
            requests += shot.methods().size();
            try {
                fire(shot);
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "-Dturnstile.seed=" + seed + ", shot " + number + ": " + e.getMessage() + "\n" + shot
                                + "\nafter " + before,
                        e);
            }
            before = shot;
        }
        reporter.publishEntry(Map.of("turnstile.seed", "" + seed, "answers by status", "" + statuses));
        assertThat(statuses)
                .as("what is right passes, and every kind of refusal occurs")
                .containsKeys(200, 400, 401, 404, 405, 413, 415, 422);
    }

    private void fire(Shot shot) throws IOException {
        int publishedBefore = publisher.published.size();
        long changesBefore = changes();
        int accepted = 0;
        int set = 0;
        try (RawHttp http = new RawHttp(port, PATIENCE)) {
            http.send(shot.bytes());
            http.finish();
            for (int i = 0; ; i++) {
                String method = i < shot.methods().size() ? shot.methods().get(i) : "";
                boolean head = method.equals("HEAD");
                Optional<Answer> read = http.read(head);
                if (read.isEmpty()) {
                    break;
                }
                Answer answer = read.get();
                statuses.merge(answer.status(), 1, Integer::sum);
                assertThat(HttpAnswerRules.broken(answer, head))
                        .as(answer::toString)
                        .isEmpty();
                accepted += answer.status() < 300
                                && answer.body().startsWith("{\"orderId\"")
                                && !answer.body().contains("NOOP")
                                && answer.header("Idempotent-Replayed").isEmpty()
                        ? 1
                        : 0;
                set += answer.status() == 200 && method.equals("PUT") ? 1 : 0;
            }
        }
        assertThat(publisher.published).as("orders").hasSize(publishedBefore + accepted);
        if (shot.methods().size() == 1 || !shot.methods().contains("PUT")) {
            assertThat(changes()).as("changes of stock").isEqualTo(changesBefore + set);
        }
    }

    private long changes() {
        return ledger.stocks.values().stream().mapToLong(Stock::version).sum();
    }
}
