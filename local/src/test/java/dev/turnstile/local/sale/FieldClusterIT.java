package dev.turnstile.local.sale;

import static dev.turnstile.local.sale.Shop.order;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.OnSharedSystem;
import dev.turnstile.local.system.SharedSystem;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.Outcome;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What public bug reports say of systems like this one, on real servers: records of other producers. */
@OnSharedSystem
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FieldClusterIT {

    /** {@code turnstile.api.wait-limit}: who ordered through a partition must not wait for its consumer in vain. */
    private static final Duration WAIT_LIMIT = Duration.ofSeconds(30);

    private static final int STOCK = 100;

    private Shop shop;
    private KafkaClient kafka;

    @BeforeAll
    void connect() {
        shop = new Shop(SharedSystem.get(), SharedStack.get().addresses());
        kafka = new KafkaClient(SharedStack.get().addresses().kafka());
    }

    @AfterAll
    void close() {
        kafka.close();
        shop.close();
    }

    @Test
    void recordsOfAnotherProducerHoldUpNoOrder() throws Exception {
        long product = shop.product(STOCK);
        List<Order> right = new ArrayList<>();
        List<UUID> refused = new ArrayList<>();
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
        for (int partition = 0; partition < kafka.partitionCount(OrderTopics.FAIR); partition++) {
            Order order = anOrder(Mode.FAIR, product);
            ProducerRecord<String, byte[]> noTicket = record(OrderTopics.FAIR, partition, order, json(order));
            noTicket.headers().add(OrderTopics.HEADER_TICKET, null);
            records.add(noTicket);
            right.add(order);
        }
        for (String topic : OrderTopics.OF_ORDERS) {
            Mode mode = topic.equals(OrderTopics.DISTRIBUTED) ? Mode.DISTRIBUTED : Mode.FAIR;
            for (int partition = 0; partition < kafka.partitionCount(topic); partition++) {
                records.add(new ProducerRecord<>(topic, partition, "x", "null".getBytes(UTF_8)));
            }
            for (String[] wrong : WRONG) {
                Order order = anOrder(mode, product);
                String json = json(order);
                assertThat(json).containsPattern(wrong[0]);
                records.add(record(topic, 0, order, json.replaceFirst(wrong[0], wrong[1])));
                refused.add(order.id());
            }
            Order behind = anOrder(mode, product);
            records.add(record(topic, 0, behind, json(behind)));
            right.add(behind);
        }

        kafka.send(records);

        await().atMost(WAIT_LIMIT).untilAsserted(() -> {
            assertThat(right).extracting(order -> shop.status(order.id())).containsOnly(Outcome.FULFILLED);
            assertThat(refused).extracting(shop::status).containsOnly("INVALID");
        });
        assertAllAreServed(product, 5);
        int left = STOCK - right.size() - 10;
        await().untilAsserted(() -> assertThat(shop.stock(product)).isEqualTo(left + "/" + left));
    }

    /** Parts of a right order, and what other producers write there. */
    private static final String[][] WRONG = {
        {"\"acceptedAt\":\"[^\"]+\"", "\"acceptedAt\":" + System.currentTimeMillis()},
        {"\"acceptedAt\":\"[^\"]+\"", "\"acceptedAt\":\"+57000-01-01T00:00:00Z\""},
        {"\"replayRun\":\"load-test\"", "\"replayRun\":\"" + "load-test-".repeat(10) + "\""},
        {"\"quantity\":1", "\"quantity\":1.9"},
        {"\"quantity\":1", "\"quantity\":\"3\""},
        {"\"quantity\":1", "\"quantity\":2e0"},
    };

    private void assertAllAreServed(long product, int ofEachMode) {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (Mode mode : Mode.values()) {
            IntStream.range(0, ofEachMode).forEach(i -> answers.add(shop.send(mode, order(product, 1))));
        }
        assertThat(answers).extracting(answer -> answer.join().statusCode()).containsOnly(200);
    }

    private static Order anOrder(Mode mode, long product) {
        return new Order(UUID.randomUUID(), mode, List.of(new OrderLine(product, 1)), Instant.now(), null, "load-test");
    }

    private static String json(Order order) {
        return new String(OrderJson.write(order), UTF_8);
    }

    private static ProducerRecord<String, byte[]> record(String topic, int partition, Order order, String json) {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(topic, partition, order.id().toString(), json.getBytes(UTF_8));
        record.headers().add(OrderTopics.HEADER_ORDER_ID, order.id().toString().getBytes(UTF_8));
        return record;
    }
}
