package dev.turnstile.local.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.fuzz.HttpAnswerRules;
import dev.turnstile.fuzz.RawHttp;
import dev.turnstile.fuzz.RawHttp.Answer;
import dev.turnstile.fuzz.RequestFuzzer;
import dev.turnstile.fuzz.RequestFuzzer.Shot;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.OnSharedSystem;
import dev.turnstile.local.system.SharedSystem;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.proof.Proofs;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/** Some of the requests that the API's own tests send to it alone, to the whole system. */
@OnSharedSystem
@Timeout(180)
class HttpFuzzIT {

    /** Of every build; with proofs it is another one each time. */
    private static final long SEED = 20261125;

    private static final int REQUESTS = Proofs.times(300, 1000);
    private static final int STOCK = 1_000_000;
    private static final Pattern ORDER_ID = Pattern.compile("\"orderId\":\"([0-9a-f-]{36})\"");

    @Test
    void theLedgerHasTheOrdersThatWereAnsweredAndNoOthers(TestReporter reporter) throws Exception {
        ServerAddresses servers = SharedStack.get().addresses();
        TurnstileSystem system = SharedSystem.get();
        try (Shop shop = new Shop(system, servers)) {
            List<Long> products = List.of(shop.product(STOCK), shop.product(STOCK));
            long before = shop.committed();
            Set<String> answered = fire(system.addresses().apis().get(0).getPort(), products, reporter);
            assertThat(answered).as("some of the requests are valid").isNotEmpty();
            await().atMost(Shop.PATIENCE).untilAsserted(() -> assertThat(shop.jdbc()
                            .queryForList(
                                    "SELECT LOWER(CONCAT_WS('-', SUBSTR(HEX(order_id), 1, 8), SUBSTR(HEX(order_id), 9, 4),"
                                            + " SUBSTR(HEX(order_id), 13, 4), SUBSTR(HEX(order_id), 17, 4),"
                                            + " SUBSTR(HEX(order_id), 21))) FROM orders WHERE commit_seq > ?",
                                    String.class,
                                    before))
                    .containsExactlyInAnyOrderElementsOf(answered));
            shop.assertAuditFindsNothing();
        }
    }

    private static Set<String> fire(int port, List<Long> products, TestReporter reporter) {
        long seed = Long.getLong("turnstile.seed", Proofs.wanted() ? System.nanoTime() : SEED);
        reporter.publishEntry("turnstile.seed", "" + seed);
        RequestFuzzer fuzzer = new RequestFuzzer(seed, products, "not the token");
        Set<String> orders = new HashSet<>();
        int requests = 0;
        for (int number = 1; requests < REQUESTS; number++) {
            Shot shot = fuzzer.next();
            requests += shot.methods().size();
            try (RawHttp http = new RawHttp(port, Shop.PATIENCE)) {
                http.send(shot.bytes());
                http.finish();
                boolean head = shot.methods().get(0).equals("HEAD");
                for (Optional<Answer> read = http.read(head); read.isPresent(); read = http.read(false)) {
                    Answer answer = read.get();
                    assertThat(HttpAnswerRules.broken(answer, head))
                            .as(answer::toString)
                            .isEmpty();
                    Matcher order = ORDER_ID.matcher(answer.body());
                    boolean example = answer.body().contains("openapi");
                    if (order.find()
                            && !example
                            && answer.header("Idempotent-Replayed").isEmpty()) {
                        orders.add(order.group(1));
                    }
                }
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "-Dturnstile.seed=" + seed + ", shot " + number + ": " + e.getMessage() + "\n" + shot, e);
            }
        }
        return orders;
    }
}
