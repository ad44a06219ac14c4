package dev.turnstile.local.sale;

import static dev.turnstile.local.sale.Shop.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.OnSharedSystem;
import dev.turnstile.local.system.SharedSystem;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderTopics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The observable state of several APIs and workers; the second and the third share a partition of the reply topic. */
@OnSharedSystem
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WatchingClusterIT {

    private static final int ORDERS = 300;
    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

    private TurnstileSystem system;
    private Shop shop;
    private KafkaClient kafka;

    @BeforeAll
    void startSystem() {
        ServerAddresses servers = SharedStack.get().addresses();
        system = SharedSystem.get();
        shop = new Shop(system, servers);
        kafka = new KafkaClient(servers.kafka());
    }

    @AfterAll
    void stopSystem() {
        kafka.close();
        shop.close();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void anOrderHasOneTraceFromItsRequestOverTheWorkerToItsReply(Mode mode) throws Exception {
        String trace = mode == Mode.FAIR ? "4bf92f3577b34da6a3ce929d0e0e4736" : "4bf92f3577b34da6a3ce929d0e0e4737";
        String topic = mode == Mode.FAIR ? OrderTopics.FAIR : OrderTopics.DISTRIBUTED;
        long product = shop.product(1);
        Map<TopicPartition, Long> orders = kafka.ends(topic);
        Map<TopicPartition, Long> replies = kafka.ends(OrderTopics.REPLIES);

        HttpResponse<String> answer = shop.send(
                        shop.apis().get(1), mode, order(product, 1), "00-" + trace + "-00f067aa0ba902b7-01")
                .join();

        assertThat(answer.statusCode()).isEqualTo(200);
        String orderId = Shop.json(answer).path("orderId").asString();
        String atApi = traceParent(kafka.since(orders), OrderTopics.HEADER_ORDER_ID, orderId);
        String atReply = traceParent(kafka.since(replies), OrderTopics.HEADER_CORRELATION_ID, orderId);
        assertThat(List.of(atApi, atReply)).allMatch(traceParent -> traceParent.startsWith("00-" + trace + "-"));
        assertThat(atReply).as("goes on from the decision").isNotEqualTo(atApi);
        await().untilAsserted(() -> assertThat(decisionsLogged(orderId))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.path("traceId").asString()).isEqualTo(trace);
                    assertThat(line.path("outcome").asString()).isEqualTo("FULFILLED");
                    assertThat(line.has("ticket")).isEqualTo(mode == Mode.FAIR);
                }));
    }

    private static String traceParent(List<ConsumerRecord<String, byte[]>> records, String header, String orderId) {
        return records.stream()
                .filter(record -> KafkaClient.header(record, header).equals(orderId))
                .map(record -> KafkaClient.header(record, "traceparent"))
                .findFirst()
                .orElseThrow();
    }

    private List<JsonNode> decisionsLogged(String orderId) {
        return system.workers().stream()
                .flatMap(worker -> worker.log().lastLines(Integer.MAX_VALUE).stream())
                .filter(line -> line.startsWith("{"))
                .map(line -> JsonMapper.shared().readTree(line))
                .filter(line -> line.path("orderId").asString("").equals(orderId))
                .toList();
    }

    @Test
    void eachApiReadsTheOutcomesOfItsOwnOrdersAndAllAreAnswered() throws Exception {
        List<Long> own = read("own");
        List<Long> other = read("other");
        long product = shop.product(ORDERS);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < ORDERS; i++) {
            Mode mode = i / 3 % 2 == 0 ? Mode.FAIR : Mode.DISTRIBUTED;
            answers.add(shop.send(shop.apis().get(i % 3), mode, order(product, 1), ""));
        }
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.join().statusCode()).as(answer.join().body()).isEqualTo(200);
        }
        assertThat(difference(own, read("own"))).containsExactly(100L, 100L, 100L);
        List<Long> passedOver = difference(other, read("other"));
        // On a busy machine the re-check of a worker may answer once more what is being answered.
        assertThat(passedOver.get(0)).as("nothing of the others").isLessThan(ORDERS / 3);
        assertThat(passedOver.subList(1, 3))
                .as("those that share a partition read what is for both")
                .allMatch(count -> count >= ORDERS / 3);
    }

    private static List<Long> difference(List<Long> before, List<Long> now) {
        List<Long> difference = new ArrayList<>();
        for (int i = 0; i < before.size(); i++) {
            difference.add(now.get(i) - before.get(i));
        }
        return difference;
    }

    /** How many outcomes each API has read that a request there awaited, or none. */
    private List<Long> read(String awaited) throws Exception {
        List<Long> counts = new ArrayList<>();
        for (int api = 0; api < shop.apis().size(); api++) {
            counts.add((long) metric(api(api), replies(awaited)));
        }
        return counts;
    }

    @Test
    void eachInstanceReadsItsOwnRepliesAloneAndTheWorkersDecideEachOrderOnce() throws Exception {
        long product = shop.product(30);
        double[] ownBefore = {metric(api(0), replies("own")), metric(api(1), replies("own"))};
        double decidedBefore = decided("fulfilled") + decided("out-of-stock");
        double refusedBefore = decided("out-of-stock");
        double otherBefore = otherReplies();
        double redeliveredBefore = redeliveries();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            answers.add(shop.send(shop.apis().get(i < 25 ? 0 : 1), Mode.FAIR, order(product, 1), ""));
        }
        answers.forEach(CompletableFuture::join);

        // an order rejected at admission has no reply
        double turnedAway = answers.stream()
                .filter(answer -> answer.join().statusCode() == 409
                        && !Shop.json(answer.join()).has("ticket"))
                .count();
        double own0 = metric(api(0), replies("own")) - ownBefore[0];
        double own1 = metric(api(1), replies("own")) - ownBefore[1];
        assertThat(own0 + own1).isEqualTo(40 - turnedAway);
        assertThat(own0).isPositive().isLessThanOrEqualTo(25);
        assertThat(own1).isPositive().isLessThanOrEqualTo(15);
        assertThat(otherReplies() - otherBefore)
                .as("except those that a worker sent again because another worker's notice came too late")
                .isLessThanOrEqualTo(redeliveries() - redeliveredBefore);
        assertThat(decided("fulfilled") + decided("out-of-stock") - decidedBefore)
                .isEqualTo(40 - turnedAway);
        assertThat(decided("out-of-stock") - refusedBefore).isEqualTo(10 - turnedAway);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void whatADecisionTookIsMeasured(Mode mode) throws Exception {
        String tag = "{mode=\"" + mode.name().toLowerCase(Locale.ROOT) + "\"}";
        String waited = mode == Mode.FAIR
                ? "turnstile_wakeup_to_claim_seconds_count{mode=\"fair\"}"
                : "turnstile_lock_wait_seconds_count{mode=\"distributed\",won=\"true\"}";
        double held = workers("turnstile_lock_hold_seconds_count" + tag);
        double waits = workers(waited);
        double inLine = workers("turnstile_time_in_line_seconds_count" + tag);
        double runs = workers("turnstile_run_length_count" + tag);

        long product = shop.product(10);
        for (int i = 0; i < 10; i++) {
            shop.send(shop.apis().get(0), mode, order(product, 1), "").join();
        }

        assertThat(workers("turnstile_time_in_line_seconds_count" + tag)).isEqualTo(inLine + 10);
        assertThat(workers("turnstile_run_length_count" + tag)).isEqualTo(runs + 10);
        await().untilAsserted(() -> {
            assertThat(workers("turnstile_lock_hold_seconds_count" + tag)).isGreaterThanOrEqualTo(held + 10);
            assertThat(workers(waited)).as("most claims follow a wakeup").isGreaterThan(waits);
            assertThat(workers("turnstile_orders_kept" + tag)).isZero();
        });
    }

    @Test
    void everyMetricOfThePageIsThere() throws Exception {
        String atApi = scrape(api(0));
        String atWorker = scrape(worker(system.workers().get(0)));
        assertThat(atApi)
                .contains("turnstile_orders_answered_total{", "turnstile_answer_time_seconds_bucket{")
                .contains("turnstile_requests_waiting ", "turnstile_replies_read_total{");
        assertThat(atWorker)
                .contains("turnstile_orders_decided_total{", "turnstile_time_in_line_seconds_bucket{")
                .contains("turnstile_run_length_bucket{", "turnstile_lock_wait_seconds_bucket{")
                .contains("turnstile_lock_hold_seconds_bucket{", "turnstile_wakeup_to_claim_seconds_bucket{")
                .contains("turnstile_fence_refusals_total{", "turnstile_redeliveries_total{")
                .contains("turnstile_dead_letters_total{", "turnstile_orders_kept{", "kafka_consumer_")
                .contains("turnstile_cache_repairs_total{", "turnstile_retention_orders_total");
    }

    @Test
    void withoutAnEndpointNothingIsSentAndNobodyComplains() {
        for (ChildProcess process :
                Stream.concat(system.workers().stream(), system.apis().stream()).toList()) {
            // The first processes after a build log all classes that they don't archive.
            assertThat(process.log().lastLines(Integer.MAX_VALUE))
                    .noneMatch(line -> line.contains("opentelemetry") && !line.contains("[cds]"));
        }
    }

    private URI api(int number) {
        return shop.apis().get(number);
    }

    private static URI worker(ChildProcess worker) {
        return worker.log().lastLines(Integer.MAX_VALUE).stream()
                .map(PORT::matcher)
                .filter(Matcher::find)
                .map(found -> URI.create("http://127.0.0.1:" + found.group(1)))
                .findFirst()
                .orElseThrow();
    }

    private double otherReplies() throws IOException, InterruptedException {
        return metric(api(0), replies("other")) + metric(api(1), replies("other"));
    }

    private double redeliveries() throws IOException, InterruptedException {
        return workers("turnstile_redeliveries_total{mode=\"fair\"}");
    }

    private double decided(String outcome) throws IOException, InterruptedException {
        return workers("turnstile_orders_decided_total{mode=\"fair\",outcome=\"" + outcome + "\"}");
    }

    private double workers(String series) throws IOException, InterruptedException {
        double sum = 0;
        for (ChildProcess worker : system.workers()) {
            sum += metric(worker(worker), series);
        }
        return sum;
    }

    private static String replies(String awaited) {
        return "turnstile_replies_read_total{awaited=\"" + awaited + "\"}";
    }

    private double metric(URI process, String series) throws IOException, InterruptedException {
        return scrape(process)
                .lines()
                .filter(sample -> sample.startsWith(series + " "))
                .mapToDouble(sample -> Double.parseDouble(sample.substring(series.length())))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no metric " + series));
    }

    private String scrape(URI process) throws IOException, InterruptedException {
        return shop.get(process.resolve("/actuator/prometheus")).body();
    }
}
