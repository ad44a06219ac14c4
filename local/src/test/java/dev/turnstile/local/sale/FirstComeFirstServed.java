package dev.turnstile.local.sale;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderTopics;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;

/**
 * Sales over which it is judged, from outside, whether who came first got the lower ticket and was served first. The
 * first and every second one is spread over a second, so that there are pairs of orders of which one was seen in the
 * topic, with its ticket, before the other one was sent; the others are crowds.
 */
final class FirstComeFirstServed {

    private static final int PRODUCTS = 3;
    private static final Duration WHILE = Duration.ofSeconds(1);
    private static final Duration LOOK = Duration.ofMillis(25);

    private final Shop shop;
    private final KafkaClient kafka;
    private final Map<String, Integer> parkedBy = new TreeMap<>();
    private int sales;
    private int users;
    private long pairs;

    FirstComeFirstServed(Shop shop, KafkaClient kafka) {
        this.shop = shop;
        this.kafka = kafka;
    }

    /** An order that a buyer received: when it was sent, by the clock of this process. */
    private record Sent(UUID orderId, long nanos) {}

    /**
     * Holds so many sales, to so many users each, and one before to a tenth of them, for processes that have just
     * started.
     */
    void hold(int sales, int users) throws Exception {
        this.sales = sales;
        this.users = users;
        pairs += sale(users / 10, WHILE);
        for (int sale = 0; sale < sales; sale++) {
            pairs += sale(users, sale % 2 == 0 ? WHILE : Duration.ZERO);
        }
        assertThat(pairs)
                .as("pairs of a draw that was seen and an order sent later")
                .isPositive();
    }

    void assertEachParks(int workers, double share) {
        int parked = parkedBy.values().stream().mapToInt(Integer::intValue).sum();
        assertThat(parkedBy).hasSize(workers).allSatisfy((worker, count) -> assertThat((double) count)
                .as("parked by %s of %d", worker, parked)
                .isGreaterThanOrEqualTo(share * parked));
    }

    @Override
    public String toString() {
        return "%d sales of %d products to %d users, 0 unfair losers, 0 out of order; %,d pairs of a draw seen and a later order, all in order; seen parked by %s"
                .formatted(sales, PRODUCTS, users, pairs, parkedBy);
    }

    /** One sale; returns of how many pairs one was drawn before the other was sent. */
    private long sale(int users, Duration over) throws Exception {
        int stock = users * 9 / 10;
        List<Long> products =
                LongStream.range(0, PRODUCTS).mapToObj(i -> shop.product(stock)).toList();
        BodyPublisher order = BodyPublishers.ofString(Shop.order(
                products.stream().flatMapToLong(id -> LongStream.of(id, 1)).toArray()));
        Map<String, String> keepers = new ConcurrentHashMap<>();
        AtomicBoolean open = new AtomicBoolean(true);
        CompletableFuture<Void> watch = CompletableFuture.runAsync(
                () -> {
                    while (open.get()) {
                        keepers.putAll(shop.line("parked"));
                        Shop.pause(LOOK.toMillis());
                    }
                },
                KafkaClient.THREAD_EACH);
        List<Sent> sent = new ArrayList<>();
        Map<UUID, Long> seen;
        try (KafkaClient.Tap tap = kafka.tap(OrderTopics.FAIR)) {
            List<CompletableFuture<Sent>> buyers = new ArrayList<>();
            for (int user = 0; user < users; user++) {
                URI api = shop.apis().get(user % shop.apis().size());
                buyers.add(Shop.after(over.multipliedBy(user).dividedBy(users)).thenCompose(due -> buy(api, order)));
            }
            for (CompletableFuture<Sent> buyer : buyers) {
                sent.add(buyer.get(Shop.PATIENCE.toSeconds(), TimeUnit.SECONDS));
            }
            seen = tap.seenAtNanos();
        } finally {
            open.set(false);
            watch.join();
        }
        keepers.values().forEach(entry -> parkedBy.merge(entry.substring(0, entry.indexOf('|')), 1, Integer::sum));
        List<Shop.Row> rows = shop.rows(products.get(0));
        assertServedInOrder(rows, stock);
        return assertDrawnInOrder(rows, sent, seen);
    }

    private CompletableFuture<Sent> buy(URI api, BodyPublisher order) {
        long nanos = System.nanoTime();
        return shop.send(api, Mode.FAIR, order).thenApply(answer -> new Sent(orderId(answer), nanos));
    }

    /** Orders rejected at admission have none. */
    private static UUID orderId(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isIn(200, 409);
        String orderId = Shop.json(answer).path("orderId").asString("");
        return orderId.isEmpty() ? new UUID(0, 0) : UUID.fromString(orderId);
    }

    private static void assertServedInOrder(List<Shop.Row> rows, int stock) {
        assertThat(rows).as("without a ticket").noneMatch(row -> row.ticket() == null);
        assertThat(rows)
                .extracting(Shop.Row::ticket)
                .as("tickets in the order of commits: %s", rows)
                .isSorted();
        assertThat(rows).as("overtaken").noneMatch(Shop.Row::overtaken);
        assertThat(rows.subList(0, stock)).allMatch(row -> row.status().equals("FULFILLED"));
        assertThat(rows.subList(stock, rows.size()))
                .allMatch(row -> row.status().equals("OUT_OF_STOCK"));
    }

    /** If a ticket was seen before an order was sent, it is smaller than that order's. */
    private static long assertDrawnInOrder(List<Shop.Row> rows, List<Sent> sent, Map<UUID, Long> seen) {
        Map<UUID, Long> tickets = new HashMap<>();
        rows.forEach(row -> tickets.put(row.orderId(), row.ticket()));
        TreeMap<Long, Long> highestSeen = new TreeMap<>(); // highest ticket of those that were seen by then
        Map<Long, Integer> countSeen = new HashMap<>();
        long highest = 0;
        int count = 0;
        for (Map.Entry<UUID, Long> each :
                seen.entrySet().stream().sorted(Map.Entry.comparingByValue()).toList()) {
            Long ticket = tickets.get(each.getKey());
            if (ticket != null) {
                highest = Math.max(highest, ticket);
                highestSeen.put(each.getValue(), highest);
                countSeen.put(each.getValue(), ++count);
            }
        }
        long pairs = 0;
        for (Sent later : sent) {
            Long ticket = tickets.get(later.orderId());
            Map.Entry<Long, Long> before = highestSeen.lowerEntry(later.nanos());
            if (ticket != null && before != null) {
                assertThat(ticket).as("ticket of %s", later).isGreaterThan(before.getValue());
                pairs += countSeen.getOrDefault(before.getKey(), 0);
            }
        }
        return pairs;
    }
}
