package dev.turnstile.local.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.order.Mode;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A crowd that wants one piece of one product each, from all APIs in turn, over a while in which something goes wrong;
 * and what must be true afterwards, whatever that was.
 */
final class Rush {

    /** How long after the last fault everything must be decided, and all traces gone. */
    private static final Duration DRAINED_WITHIN = Duration.ofSeconds(40);

    private static final Duration LOOK = Duration.ofMillis(20);

    /** Returning buyers do so after that. */
    private static final Duration BACK_AFTER = Duration.ofMillis(100);

    /**
     * The answer of an API: 0 is a broken connection, with its reason. Without an order id the order was not accepted.
     *
     * @param waitedNanos since the buyer came for the first time
     * @param atNanos when, by {@link System#nanoTime()}
     */
    private record Answer(int status, @Nullable UUID orderId, String broken, long waitedNanos, long atNanos) {

        boolean tellsAnOutcome() {
            return status == 200 || status == 409;
        }
    }

    private final Shop shop;
    private final Mode mode;
    private final long product;
    private final int stock;
    private final List<CompletableFuture<Answer>> answers = new ArrayList<>();

    private Rush(Shop shop, Mode mode, int stock) {
        this.shop = shop;
        this.mode = mode;
        this.stock = stock;
        this.product = shop.product(stock);
    }

    /**
     * Begins to send orders, nine tenths of which can be served.
     *
     * @param over how long it takes until the last one is sent
     */
    static Rush begin(Shop shop, Mode mode, int orders, Duration over) {
        Rush rush = new Rush(shop, mode, orders * 9 / 10);
        rush.letCome(orders, over, buyer -> rush.ask(buyer, System.nanoTime()));
        return rush;
    }

    /**
     * Begins with buyers who have a key each, and who repeat the request at the next API if one returns no outcome, as
     * a load balancer would send them.
     *
     * @param over how long it takes until the last one comes for the first time
     */
    static Rush beginPersistent(Shop shop, Mode mode, int orders, Duration over) {
        Rush rush = new Rush(shop, mode, orders * 9 / 10);
        rush.letCome(orders, over, buyer -> rush.askUntilTold(buyer, UUID.randomUUID(), System.nanoTime()));
        return rush;
    }

    private void letCome(int orders, Duration over, IntFunction<CompletableFuture<Answer>> buy) {
        for (int i = 0; i < orders; i++) {
            int buyer = i;
            answers.add(Shop.after(over.multipliedBy(i).dividedBy(orders)).thenCompose(due -> buy.apply(buyer)));
        }
    }

    private CompletableFuture<Answer> askUntilTold(int turn, UUID key, long sinceNanos) {
        return ask(turn, sinceNanos, "Idempotency-Key", "\"" + key + "\"").thenCompose(answer -> {
            if (answer.tellsAnOutcome() || answer.waitedNanos() > Shop.PATIENCE.toNanos()) {
                return CompletableFuture.completedFuture(answer);
            }
            return Shop.after(BACK_AFTER).thenCompose(due -> askUntilTold(turn + 1, key, sinceNanos));
        });
    }

    /** Asks the API whose turn it is. */
    private CompletableFuture<Answer> ask(int turn, long sinceNanos, String... headers) {
        URI api = shop.apis().get(turn % shop.apis().size());
        return shop.send(api, mode, BodyPublishers.ofString(Shop.order(product, 1)), headers)
                .handle((answer, failure) -> answer(answer, failure, sinceNanos));
    }

    private static Answer answer(@Nullable HttpResponse<String> answer, @Nullable Throwable failure, long sinceNanos) {
        long now = System.nanoTime();
        if (answer == null) {
            return new Answer(0, null, String.valueOf(failure), now - sinceNanos, now);
        }
        String orderId = Shop.json(answer).path("orderId").asString("");
        return new Answer(
                answer.statusCode(), orderId.isEmpty() ? null : UUID.fromString(orderId), "", now - sinceNanos, now);
    }

    /** How long a buyer waited for his answer, at most, from the first time he came. Waits for all answers. */
    Duration longestWait() {
        awaitAnswers();
        return Duration.ofNanos(answers.stream()
                .mapToLong(answer -> answer.join().waitedNanos())
                .max()
                .orElse(0));
    }

    /** The longest time without an answer. Waits for all answers. */
    Duration longestPause() {
        awaitAnswers();
        long[] times = answers.stream()
                .mapToLong(answer -> answer.join().atNanos())
                .sorted()
                .toArray();
        return Duration.ofNanos(IntStream.range(1, times.length)
                .mapToLong(i -> times[i] - times[i - 1])
                .max()
                .orElse(0));
    }

    long product() {
        return product;
    }

    /** Waits until so many orders are decided. */
    void awaitDecided(int count) {
        await().atMost(Shop.PATIENCE)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> shop.decidedOrders(product) >= count);
    }

    /** Waits until every buyer has got an answer. */
    void awaitAnswers() {
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .orTimeout(2 * Shop.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    boolean isAnswered() {
        return answers.stream().allMatch(CompletableFuture::isDone);
    }

    /** Whether all those have got an answer who asked one of the APIs, by its number from 0. */
    boolean isAnswered(int api) {
        return IntStream.range(0, answers.size())
                .filter(buyer -> buyer % shop.apis().size() == api)
                .allMatch(buyer -> answers.get(buyer).isDone());
    }

    /** How many got one of these answers. */
    long answered(Integer... statuses) {
        Set<Integer> wanted = Set.of(statuses);
        return answers.stream()
                .filter(answer -> wanted.contains(answer.join().status()))
                .count();
    }

    private Set<String> broken() {
        return answers.stream().map(answer -> answer.join().broken()).collect(Collectors.toSet());
    }

    /** What the ledger holds of this rush, in the order of the commits. */
    List<Shop.Row> rows() {
        return shop.rows(product);
    }

    /**
     * Waits for the end and checks everything, also that no order was rejected: the fault was one that no client may
     * notice.
     */
    void assertUnnoticed() {
        awaitAnswers();
        assertThat(answers.stream().map(CompletableFuture::join).map(Answer::status))
                .as("answers; broken: %s", broken())
                .containsOnly(200, 409);
        assertThat(answered(200)).as("fulfilled").isEqualTo(stock);
        assertRight();
    }

    /**
     * Waits for the end and checks what must hold after any fault: each accepted order has one outcome, which is the
     * one that was answered; the sums are right; orders were decided in the order of their tickets or are marked;
     * nothing is left in the line.
     */
    void assertRight() {
        awaitAnswers();
        Map<UUID, Integer> statusOf = new HashMap<>();
        Set<UUID> accepted = new HashSet<>();
        for (CompletableFuture<Answer> future : answers) {
            Answer answer = future.join();
            assertThat(answer.status()).as("answer").isIn(200, 202, 409, 429, 503, 0);
            UUID orderId = answer.orderId();
            if (orderId != null) {
                assertThat(statusOf.put(orderId, answer.status()))
                        .as("an order of two buyers")
                        .isNull();
                if (answer.status() != 503) {
                    accepted.add(orderId);
                }
            }
        }
        await().atMost(DRAINED_WITHIN).pollInterval(LOOK).untilAsserted(() -> assertThat(shop.leftInLine())
                .as("left in the line")
                .isEmpty());
        // An order without an answer, or in doubt, may still be served.
        await().atMost(DRAINED_WITHIN).pollInterval(LOOK).untilAsserted(() -> assertRight(rows(), statusOf, accepted));
    }

    private void assertRight(List<Shop.Row> rows, Map<UUID, Integer> statusOf, Set<UUID> accepted) throws Exception {
        assertThat(rows).extracting(Shop.Row::orderId).as("one outcome each").doesNotHaveDuplicates();
        assertThat(rows)
                .extracting(Shop.Row::orderId)
                .as("accepted and decided")
                .containsAll(accepted);
        for (Shop.Row row : rows) {
            int status = statusOf.getOrDefault(row.orderId(), 0);
            assertThat(row.status())
                    .as("outcome of an order answered %d", status)
                    .isIn(possible(status));
        }
        if (answered(0) == 0) {
            assertThat(statusOf.keySet())
                    .as("orders whose outcome a client received")
                    .containsAll(rows.stream().map(Shop.Row::orderId).toList());
        }
        assertSums(rows);
        if (mode == Mode.FAIR) {
            assertFair(rows);
        }
    }

    private static List<String> possible(int status) {
        return switch (status) {
            case 200 -> List.of("FULFILLED");
            case 409 -> List.of("OUT_OF_STOCK");
            case 503 -> List.of("FULFILLED", "OUT_OF_STOCK", "UNAVAILABLE", "CANCELLED");
            default -> List.of("FULFILLED", "OUT_OF_STOCK");
        };
    }

    private void assertSums(Collection<Shop.Row> rows) throws Exception {
        int fulfilled = (int)
                rows.stream().filter(row -> row.status().equals("FULFILLED")).count();
        long refused =
                rows.stream().filter(row -> row.status().equals("OUT_OF_STOCK")).count();
        int left = stock - fulfilled;
        assertThat(left).as("pieces left").isNotNegative();
        if (refused > 0) {
            assertThat(left).as("pieces left although an order was refused").isZero();
        }
        assertThat(shop.stock(product)).as("stored and cached stock").isEqualTo(left + "/" + left);
        assertThat(shop.jdbc()
                        .queryForObject(
                                "SELECT SUM(difference) FROM stock_changes WHERE product_id = ?", Long.class, product))
                .as("all that was ever put in")
                .isEqualTo(stock);
    }

    private static void assertFair(List<Shop.Row> rows) {
        long highest = 0;
        boolean refusing = false;
        for (Shop.Row row : rows) {
            Long ticket = row.ticket();
            assertThat(ticket).as("ticket of %s", row).isNotNull();
            if (ticket == null || row.overtaken()) {
                continue;
            }
            assertThat(ticket).as("committed before a lower ticket: %s", row).isGreaterThan(highest);
            highest = ticket;
            boolean refused = row.status().equals("OUT_OF_STOCK");
            assertThat(refused || !refusing)
                    .as("served after an earlier one was refused: %s", row)
                    .isTrue();
            refusing = refused;
        }
    }
}
