package dev.turnstile.line;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.turnstile.line.LineHead.Drawn;
import dev.turnstile.line.LineHead.Moment;
import dev.turnstile.line.LineHead.Suspects;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Shortage;
import dev.turnstile.proof.Proofs;
import dev.turnstile.redis.RedisAddress;
import dev.turnstile.redis.RedisClients;
import dev.turnstile.redis.RedisScript;
import dev.turnstile.stock.RedisStockCache;
import dev.turnstile.stock.Stock;
import dev.turnstile.stock.StockCache;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.redisson.api.RMap;
import org.redisson.api.RScoredSortedSet;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.KeysScanOptions;
import org.redisson.client.codec.StringCodec;

/** The line's scripts on a real Redis: one that no running worker uses for its line. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LineIT {

    static final UUID INSTALLATION = UUID.randomUUID();

    private static final int MANY = 1000;

    /** What is remembered of requests. */
    static final RequestLimits REQUESTS = new RequestLimits(1000, Duration.ofMinutes(1));

    private final AtomicLong epochs = new AtomicLong();
    private LineProperties properties;
    private RedissonClient redis;
    LineRedis lineRedis;
    TicketLine door;

    /** Where the line is; several nodes are a cluster. */
    List<URI> nodes() {
        return SharedStack.get().addresses().redlockNodes().subList(0, 1);
    }

    /** How many orders a test of a long line takes. */
    int many() {
        return MANY;
    }

    /** Settings of a line for one test. */
    static LineProperties properties(List<URI> nodes) {
        return new LineProperties(
                nodes.stream().map(RedisAddress::of).toList(),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofMillis(250),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                500,
                2000,
                Duration.ofSeconds(1));
    }

    @BeforeAll
    void connect() {
        properties = properties(nodes());
        redis = RedisClients.connect(properties.redis(), properties.redisTimeout());
    }

    @AfterAll
    void disconnect() {
        redis.getKeys().deleteByPattern("turnstile:{line}:*");
        redis.shutdown();
    }

    @BeforeEach
    void newLine() {
        redis.getKeys().deleteByPattern("turnstile:{line}:*");
        epochs.set(0);
        lineRedis = new LineRedis(redis, (mark, known) -> epochs.incrementAndGet(), INSTALLATION);
        door = new RedisTicketLine(lineRedis, properties, "api", REQUESTS);
        makeWhole();
    }

    /** As if all that was ever published was consumed. */
    static void makeWhole(LineHead worker) {
        Moment asOf = join(worker.suspects(1)).asOf();
        join(worker.seen(List.of(0), asOf, 1));
    }

    /** The same, and nothing is known of what was seen. */
    void makeWhole() {
        makeWhole(worker("a"));
        redis.getKeys().delete(LineKeys.SEEN);
    }

    @Test
    void ticketsGrowAndAnOrderKeepsItsOwn() {
        Order first = order(1);
        Order second = order(1);
        Ticket ticket = draw(first);
        assertThat(draw(second)).isGreaterThan(ticket);
        assertThat(draw(first)).isEqualTo(ticket);
        assertThat(ticket.epoch()).isEqualTo(1);
        assertThat(join(door.place(second.id()))).contains(new QueuePosition(draw(second), 1, 2));
        assertThat(join(door.place(UUID.randomUUID()))).isEmpty();
    }

    @Test
    void itsTrafficTellsWhoCameAndWhoLeft() {
        assertThat(join(door.traffic())).isEqualTo(new LineCounters(1, 0, 0));
        Order first = order(1);
        draw(first);
        draw(order(2));
        assertThat(join(door.traffic())).isEqualTo(new LineCounters(1, 0, 2));
        join(door.cancel(first));
        assertThat(join(door.traffic())).isEqualTo(new LineCounters(1, 1, 1));
    }

    @Test
    void aLookShowsTheQueuesWhoHoldsThemAndWhoReportedLately() {
        LineStatus board = new LineStatus(redis);
        assertThat(join(board.look(List.of(1L))))
                .isEqualTo(new LineStatus.Snapshot(0, 0, List.of(new LineStatus.Queue(1, 0, null, null)), List.of()));
        LineHead a = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1, 2), order(3), order(4));
        park(a, parkings.subList(0, 3).toArray(TicketedOrder[]::new));
        claim(a);
        WorkerReport report = new WorkerReport(3, 0, 12.5, 2, 0.25, 7);
        join(board.report("a", report));
        redis.<String, String>getMap(LineKeys.WORKERS, StringCodec.INSTANCE)
                .putAll(Map.of("silent", "1|{}", "of another version", System.currentTimeMillis() + "|[]"));

        LineStatus.Snapshot look = join(board.look(List.of(4L, 2L)));
        assertThat(look.waiting()).isEqualTo(4);
        assertThat(look.parked()).isEqualTo(3);
        assertThat(look.queues())
                .containsExactly(
                        new LineStatus.Queue(4, 1, parkings.get(3).ticket(), null),
                        new LineStatus.Queue(2, 1, parkings.get(1).ticket(), "a"));
        assertThat(look.workers()).containsExactly(new LineStatus.Reported("a", report));

        join(board.report("a", report));
        assertThat(redis.getMap(LineKeys.WORKERS, StringCodec.INSTANCE).keySet())
                .as("silent for a minute")
                .doesNotContain("silent");
    }

    @Test
    void letsInNoMoreThanThereIsRoomForBeItLessThanTheMost() {
        draw(order(1));
        assertThat(join(door.draw(order(1), 2, null)).ticket().sequence()).isEqualTo(2);
        assertThatThrownBy(() -> join(door.draw(order(1), 2, null))).hasCauseInstanceOf(LineFullException.class);
        draw(order(1));
    }

    @Test
    void aRequestIsComparedWithTheFirstUnderItsKeyUntilThatIsForgotten() {
        IdempotencyStore memory = new RedisRequestMemory(redis, REQUESTS);
        UUID key = UUID.randomUUID();
        assertThat(join(memory.claim(new RequestKey(key, "a")))).isEqualTo(IdempotencyStore.Claim.FIRST);
        assertThat(join(memory.claim(new RequestKey(key, "a")))).isEqualTo(IdempotencyStore.Claim.SAME);
        assertThat(join(memory.claim(new RequestKey(key, "b")))).isEqualTo(IdempotencyStore.Claim.OTHER);

        RequestKey forgotten = new RequestKey(UUID.randomUUID(), "a");
        IdempotencyStore brief =
                new RedisRequestMemory(redis, new RequestLimits(REQUESTS.most(), Duration.ofMillis(1)));
        assertThat(join(brief.claim(forgotten))).isEqualTo(IdempotencyStore.Claim.FIRST);
        await().until(() -> join(brief.claim(forgotten)) == IdempotencyStore.Claim.FIRST);
    }

    /** Requests that come at the same time go in one script. */
    @Test
    void whatIsRememberedIsKnownBehindARequestThatIsNew() {
        IdempotencyStore memory = new RedisRequestMemory(redis, REQUESTS);
        RequestKey known = new RequestKey(UUID.randomUUID(), "a");
        join(memory.claim(known));
        List<CompletionStage<IdempotencyStore.Claim>> claims = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            claims.add(memory.claim(new RequestKey(UUID.randomUUID(), "a")));
            claims.add(memory.claim(known));
            claims.add(memory.claim(new RequestKey(known.id(), "b")));
        }
        for (int i = 0; i < claims.size(); i += 3) {
            assertThat(join(claims.get(i))).isEqualTo(IdempotencyStore.Claim.FIRST);
            assertThat(join(claims.get(i + 1))).isEqualTo(IdempotencyStore.Claim.SAME);
            assertThat(join(claims.get(i + 2))).isEqualTo(IdempotencyStore.Claim.OTHER);
        }

        UUID accepted = UUID.randomUUID();
        join(memory.accept(accepted));
        List<UUID> asked = List.of(UUID.randomUUID(), accepted, UUID.randomUUID());
        assertThat(join(memory.accepted(asked))).containsExactly(accepted);
    }

    @Test
    void aKeyIsRememberedBehindANewOneThatDrawsAtTheSameTime() {
        DrawScript script = new DrawScript(lineRedis, "api", REQUESTS);
        Order decided = order(1);
        RequestKey key = new RequestKey(decided.id(), "a");
        join(door.draw(decided, 100, key));
        join(door.cancel(decided));
        Order other = order(1);
        List<DrawScript.Result> results = join(script.run(
                List.of(
                        new DrawScript.Drawing(other, new RequestKey(other.id(), "a")),
                        new DrawScript.Drawing(decided, key)),
                100,
                Duration.ZERO));
        assertThat(results.get(0)).isInstanceOf(DrawScript.Drawn.class);
        assertThat(results.get(1)).isEqualTo(new DrawScript.Seen(true));
    }

    @Test
    void theMemoryOfRequestsIsBoundedAndForgetsTheOldest() {
        IdempotencyStore memory = new RedisRequestMemory(redis, new RequestLimits(10, Duration.ofMinutes(1)));
        List<RequestKey> keys = Stream.generate(() -> new RequestKey(UUID.randomUUID(), "a"))
                .limit(30)
                .toList();
        keys.forEach(key -> join(memory.claim(key)));
        assertThat(redis.getMap(LineKeys.REQUESTS, StringCodec.INSTANCE).size()).isEqualTo(10);
        assertThat(redis.getList(LineKeys.REQUEST_AGES, StringCodec.INSTANCE).size())
                .isEqualTo(10);
        assertThat(join(memory.claim(keys.get(29)))).isEqualTo(IdempotencyStore.Claim.SAME);
        assertThat(join(memory.claim(keys.get(0)))).isEqualTo(IdempotencyStore.Claim.FIRST);
    }

    @Test
    void ordersThatAreAcceptedElsewhereAreKnownForAWhile() {
        IdempotencyStore memory = new RedisRequestMemory(redis, REQUESTS);
        UUID accepted = UUID.randomUUID();
        UUID other = UUID.randomUUID();
        join(memory.accept(accepted));
        assertThat(join(memory.accepted(List.of(accepted, other)))).containsExactly(accepted);
        IdempotencyStore brief = new RedisRequestMemory(redis, new RequestLimits(10, Duration.ofMillis(1)));
        await().until(() -> join(brief.accepted(List.of(accepted))).isEmpty());
    }

    @Test
    void aKeyIsRememberedWithItsTicketAndRefusedRequestsLeaveNothing() {
        Order first = order(1);
        RequestKey key = new RequestKey(first.id(), "a");
        Order refused = order(1);
        draw(order(2));
        assertThatThrownBy(() -> join(door.draw(refused, 1, new RequestKey(refused.id(), "a"))))
                .hasCauseInstanceOf(LineFullException.class);
        assertThat(redis.getKeys().countExists(LineKeys.REQUESTS, LineKeys.REQUEST_AGES))
                .isZero();

        Draw drawn = join(door.draw(first, 100, key));
        assertThat(drawn.made()).isTrue();
        assertThat(join(door.draw(first, 1, key))).as("in a full line").isEqualTo(drawn);
        Order again = new Order(first.id(), Mode.FAIR, first.lines(), Instant.now(), null, null);
        assertThat(join(door.draw(again, 1, key))).isEqualTo(new Draw(drawn.ticket(), false));
        assertThatThrownBy(() -> join(door.draw(again, 100, new RequestKey(first.id(), "b"))))
                .hasRootCauseMessage("the key was used for another request");

        LineHead worker = worker("a");
        park(worker, new TicketedOrder(first, drawn.ticket()));
        decideAll(worker);
        assertThatThrownBy(() -> join(door.draw(again, 100, key))).hasRootCauseMessage("the request was seen before");
    }

    @Test
    void whoseOrderTheLedgerDoesNotKnowDrawsAnewAndIsRememberedAgain() {
        Order order = order(1);
        RequestKey key = new RequestKey(order.id(), "a");
        RequestKey undecided = new RequestKey(order.id(), "a", true);
        Ticket first = join(door.draw(order, 100, key)).ticket();
        assertThat(join(door.cancel(order))).isTrue();
        Draw second = join(door.draw(order, 100, undecided));
        assertThat(second.made()).isTrue();
        assertThat(second.ticket()).isNotEqualTo(first);
        assertThatThrownBy(() -> join(door.draw(order, 100, new RequestKey(order.id(), "b", true))))
                .hasRootCauseMessage("the key was used for another request");

        join(door.cancel(order));
        redis.getKeys().delete(LineKeys.REQUESTS, LineKeys.REQUEST_AGES);
        join(door.draw(order, 100, undecided));
        join(door.cancel(order));
        assertThatThrownBy(() -> join(door.draw(order, 100, key))).hasRootCauseMessage("the request was seen before");
    }

    /** Two instances are sent the same request; the second one can't publish. */
    @Test
    void whoDidNotDrawTheTicketDoesNotTakeItAway() {
        TicketLine other = new RedisTicketLine(lineRedis, properties, "other", REQUESTS);
        Order first = order(1, 2);
        Order second = new Order(first.id(), Mode.FAIR, first.lines(), Instant.now(), null, null);
        Ticket ticket = draw(first);
        assertThat(join(other.draw(second))).isEqualTo(ticket);
        assertThat(join(other.cancel(second))).isFalse();
        assertThat(join(door.cancel(second)))
                .as("another request, to the same instance")
                .isFalse();
        assertThat(join(door.place(first.id()))).isPresent();
        assertThat(join(door.cancel(first))).isTrue();
        assertThat(join(door.place(first.id()))).isEmpty();
    }

    @Test
    void ordersOfOneApiGetTicketsAsTheyCame() {
        List<CompletableFuture<Ticket>> draws = new ArrayList<>();
        for (int i = 0; i < many(); i++) {
            draws.add(door.draw(order(1 + i % 5)).toCompletableFuture());
        }
        assertThat(draws.stream().map(CompletableFuture::join)).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aFullLineRefusesAndForgetsNobodyInIt() {
        List<Order> orders = new ArrayList<>();
        for (int i = 0; i < properties.maxWaiting(); i++) {
            orders.add(order(1));
        }
        CompletableFuture.allOf(orders.stream()
                        .map(order -> door.draw(order).toCompletableFuture())
                        .toArray(CompletableFuture[]::new))
                .join();
        assertThatThrownBy(() -> draw(order(1)))
                .hasCauseInstanceOf(LineFullException.class)
                .hasMessageContaining("2000");
        assertThat(draw(orders.get(0))).as("who is in keeps the ticket").isNotNull();
    }

    @Test
    void aRunHoldsAllContiguousTicketsWhoeverParkedThem() {
        LineHead a = worker("a");
        LineHead b = worker("b");
        List<TicketedOrder> parkings = drawn(order(1), order(1, 2), order(2), order(1));
        assertThat(park(a, parkings.get(0), parkings.get(2))).isEmpty();
        assertThat(park(b, parkings.get(1), parkings.get(3))).isEmpty();

        Claim claim = claim(a).orElseThrow();

        assertThat(ticketsOf(claim)).isEqualTo(tickets(parkings));
        assertThat(claim.orders().stream().map(Claim.Claimed::keeper)).containsExactly("a", "b", "a", "b");
        assertThat(claim.orders().get(1).order()).isEqualTo(parkings.get(1).order());
        assertThat(claim(b)).as("held").isEmpty();
    }

    @Test
    void aMissingHeadHoldsUpItsOwnQueuesAndNoOther() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1), order(2), order(1, 2), order(2), order(3));
        park(worker, parkings.subList(1, parkings.size()));

        Claim claim = claim(worker).orElseThrow();
        assertThat(ticketsOf(claim))
                .as("2's head and 3; behind {1, 2} nothing of 2")
                .isEqualTo(tickets(List.of(parkings.get(2), parkings.get(5))));
        assertThat(join(worker.turn(FinishedRun.decided(claim, List.of()), 100)))
                .isEmpty();

        park(worker, parkings.get(0));
        assertThat(ticketsOf(claim(worker).orElseThrow()))
                .isEqualTo(tickets(List.of(parkings.get(0), parkings.get(1), parkings.get(3), parkings.get(4))));
    }

    @Test
    void ordersOverTheSameProductsInAnyOrderNeverDeadlock() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = new ArrayList<>();
        for (int i = 0; i < many(); i++) {
            parkings.addAll(drawn(i % 2 == 0 ? order(1, 2) : order(2, 1)));
        }
        park(worker, parkings);
        assertThat(decideAll(worker)).isEqualTo(tickets(parkings));
    }

    @Test
    void aTurnTakesNoMoreThanItsMost() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1), order(1), order(2), order(2));
        park(worker, parkings);
        Claim first = join(worker.turn(null, 2)).orElseThrow();
        assertThat(first.orders()).hasSize(2);
        Claim second =
                join(worker.turn(FinishedRun.decided(first, List.of()), 500)).orElseThrow();
        List<Ticket> both = new ArrayList<>(ticketsOf(first));
        both.addAll(ticketsOf(second));
        assertThat(both).containsExactlyInAnyOrderElementsOf(tickets(parkings));
    }

    @Test
    void whatAnEndedLeaseHeldIsClaimedByTheNextAndTheLateHandbackDoesNotReleaseIt() {
        LineHead late = worker("late");
        LineHead next = worker("next");
        List<TicketedOrder> parkings = drawn(order(1), order(1));
        park(late, parkings);
        Claim lost = claim(late).orElseThrow();
        assertThat(claim(next)).isEmpty();

        endAllLeases();
        Claim held = claim(next).orElseThrow();
        assertThat(ticketsOf(held)).isEqualTo(tickets(parkings));
        assertThat(held.fence()).isGreaterThan(lost.fence());

        join(late.turn(FinishedRun.undecided(lost), 0));
        TicketedOrder third = drawn(order(1)).get(0);
        park(late, third);
        assertThat(claim(late)).as("still held by the next").isEmpty();

        join(next.turn(FinishedRun.decided(held, List.of()), 0));
        assertThat(ticketsOf(claim(late).orElseThrow())).containsExactly(third.ticket());
    }

    /** Workers that come back under other names would leave more and more. */
    @Test
    void aWorkerThatNeverComesBackLeavesNoTrace() {
        LineHead next = worker("next");
        park(worker("killed"), drawn(order(1), order(2)));
        assertThat(claim(worker("killed"))).isPresent();
        endAllLeases();
        decideAll(next);
        assertThat(redis.getKeys().countExists(LineKeys.HELD, LineKeys.CLAIMS, LineKeys.RUNS, LineKeys.CLAIMANTS))
                .isZero();
    }

    @Test
    void aTurnWhoseAnswerWasLostHoldsUpNobody() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(2));
        park(worker, parkings);
        Claim unheard = claim(worker).orElseThrow();
        Claim heard = claim(worker).orElseThrow();
        assertThat(ticketsOf(heard)).isEqualTo(ticketsOf(unheard));
        assertThat(heard.fence()).isGreaterThan(unheard.fence());
    }

    @Test
    void behindARunInHandItsHolderAndNobodyElseClaimsTheNext() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1), order(1), order(1), order(1));
        park(worker, parkings);
        Claim first = turn(worker, null, null, 2).orElseThrow();
        Claim second = turn(worker, null, first, 2).orElseThrow();
        assertThat(ticketsOf(first)).isEqualTo(tickets(parkings.subList(0, 2)));
        assertThat(ticketsOf(second)).isEqualTo(tickets(parkings.subList(2, 4)));
        assertThat(second.fence()).isGreaterThan(first.fence());
        assertThat(claim(worker("b"))).as("held").isEmpty();

        Claim third =
                turn(worker, FinishedRun.decided(first, List.of()), second, 2).orElseThrow();
        assertThat(ticketsOf(third)).isEqualTo(tickets(parkings.subList(4, 5)));
        assertThat(claim(worker("b"))).as("still held").isEmpty();
        assertThat(turn(worker, FinishedRun.decided(second, List.of()), third, 0))
                .isEmpty();
        assertThat(turn(worker, FinishedRun.decided(third, List.of()), null, 2)).isEmpty();
        assertThat(redis.getKeys().countExists(LineKeys.HELD, LineKeys.CLAIMS, LineKeys.RUNS, LineKeys.CLAIMANTS))
                .isZero();
    }

    /** Nothing that stood behind it may be decided before it. */
    @Test
    void aRunThatIsGivenBackUndecidedTakesTheOneBehindItAlong() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1, 2), order(2));
        park(worker, parkings);
        Claim first = turn(worker, null, null, 1).orElseThrow();
        assertThat(turn(worker, null, first, 2)).isPresent();

        join(worker.turn(FinishedRun.undecided(first), 0));

        assertThat(ticketsOf(claim(worker("b")).orElseThrow())).isEqualTo(tickets(parkings));
    }

    @Test
    void aRunBehindWhoseAnswerWasLostIsClaimedAgain() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1), order(1));
        park(worker, parkings);
        Claim first = turn(worker, null, null, 1).orElseThrow();
        Claim unheard = turn(worker, null, first, 2).orElseThrow();
        Claim heard = turn(worker, null, first, 2).orElseThrow();
        assertThat(ticketsOf(heard)).isEqualTo(ticketsOf(unheard));
        assertThat(heard.fence()).isGreaterThan(unheard.fence());
        join(worker.turn(FinishedRun.decided(first, List.of()), 0));
        assertThat(ticketsOf(claim(worker("b")).orElseThrow()))
                .as("a worker that names no run has none")
                .isEqualTo(ticketsOf(heard));
    }

    @Test
    void behindARunInHandOnlyThoseFollowWhoseOtherQueuesAreFree() {
        LineHead worker = worker("a");
        LineHead other = worker("b");
        List<TicketedOrder> parkings = drawn(order(1), order(2), order(3), order(1, 2), order(1, 3), order(1));
        park(other, parkings.get(1));
        Claim others = claim(other).orElseThrow();
        park(worker, parkings.get(0), parkings.get(3), parkings.get(4), parkings.get(5));
        Claim first = turn(worker, null, null, 1).orElseThrow();

        assertThat(turn(worker, null, first, 10)).as("2 is held by another").isEmpty();
        join(other.turn(FinishedRun.decided(others, List.of()), 0));
        Claim second = turn(worker, null, first, 10).orElseThrow();
        assertThat(ticketsOf(second))
                .as("product 3 has a head that no worker has consumed")
                .containsExactly(parkings.get(3).ticket());
        park(other, parkings.get(2));
        assertThat(ticketsOf(claim(other).orElseThrow()))
                .containsExactly(parkings.get(2).ticket());
    }

    /** Else a line that is never empty would never serve it. */
    @Test
    void whoComesBackBeforeARunInHandIsNextAndNobodyIsClaimedBehind() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1), order(1));
        TicketedOrder late = parkings.get(0);
        assertThat(join(worker.removeUnlessParked(orphan(late)))).isTrue();
        park(worker, parkings.subList(1, 3));
        Claim first = turn(worker, null, null, 1).orElseThrow();
        join(worker.rejoin(List.of(late)));

        assertThat(turn(worker, null, first, 1)).isEmpty();
        Claim next =
                turn(worker, FinishedRun.decided(first, List.of()), null, 5).orElseThrow();
        assertThat(ticketsOf(next))
                .containsExactly(late.ticket(), parkings.get(2).ticket());
    }

    @Test
    void behindALongRunTheHeadsOfOtherQueuesHaveTheirTurn() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1), order(2), order(1), order(1));
        park(worker, parkings.get(0), parkings.get(1), parkings.get(3), parkings.get(4));
        Claim first = turn(worker, null, null, 2).orElseThrow();
        park(worker, parkings.get(2));
        assertThat(ticketsOf(turn(worker, null, first, 2).orElseThrow()))
                .as("by their tickets")
                .containsExactly(parkings.get(2).ticket(), parkings.get(3).ticket());
    }

    @Test
    void aLateHandbackDoesNotReleaseWhatAnotherHoldsByNowBehindIt() {
        LineHead late = worker("late");
        LineHead next = worker("next");
        List<TicketedOrder> parkings = drawn(order(1), order(1));
        park(late, parkings);
        Claim first = turn(late, null, null, 1).orElseThrow();
        Claim second = turn(late, null, first, 1).orElseThrow();
        endAllLeases();
        Claim held = claim(next).orElseThrow();
        assertThat(ticketsOf(held)).isEqualTo(tickets(parkings));

        assertThat(turn(late, FinishedRun.undecided(first), second, 5)).isEmpty();
        assertThat(join(late.turn(FinishedRun.undecided(second), 5)))
                .as("still held by the next")
                .isEmpty();
        join(next.turn(FinishedRun.decided(held, List.of()), 0));
        assertThat(claim(late)).isEmpty();
    }

    /** No worker would remove them: their records are gone, and they would be checked for ever. */
    @Test
    void whatWasDecidedLeavesAnOlderMemoryInWhichItIsNotParkedYet() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1));
        park(worker, parkings);
        Claim claim = claim(worker).orElseThrow();
        redis.getKeys().delete(LineKeys.PARKED);
        RScoredSortedSet<String> unparked = redis.getScoredSortedSet(LineKeys.UNPARKED, StringCodec.INSTANCE);
        parkings.forEach(parking -> unparked.add(1, parking.ticket().toString()));

        join(worker.turn(FinishedRun.decided(claim, List.of()), 0));
        assertThat(unparked.size()).isZero();
    }

    /** Its queues are those of the record with which it drew. */
    @Test
    void anOrderThatCameOnceMoreWithOtherLinesIsDecidedByThoseItDrewWith() {
        LineHead worker = worker("a");
        for (long product : List.of(1L, 3L)) {
            List<TicketedOrder> parkings = drawn(order(product), order(product));
            TicketedOrder first = parkings.get(0);
            OrderLine line = product == 1 ? new OrderLine(2, 1) : new OrderLine(product, 7);
            Order other = new Order(first.order().id(), Mode.FAIR, List.of(line), Instant.EPOCH, null, null);
            TicketedOrder again = new TicketedOrder(other, first.ticket());
            LineHead.Parked parked = join(worker.park(List.of(again, parkings.get(1))));
            assertThat(parked.different()).containsExactly(again);
            assertThat(parked.parked()).containsExactly(parkings.get(1));

            Claim claim = join(worker.turn(
                            null,
                            null,
                            100,
                            ticket -> ticket.equals(first.ticket()) ? Optional.of(other) : Optional.empty()))
                    .orElseThrow();

            assertThat(ticketsOf(claim)).isEqualTo(tickets(parkings));
            assertThat(claim.orders().get(0).order()).isEqualTo(first.order());
            assertThat(join(worker.park(List.of(first))).parked()).containsExactly(first);
            assertThat(join(worker.park(List.of(again))).different()).containsExactly(again);
            assertThat(join(worker.astray(List.of(first))))
                    .as("its keeper stays its keeper")
                    .isEmpty();
            join(worker.turn(FinishedRun.decided(claim, List.of()), 0));
        }
    }

    @Test
    void whatLeavesTheLineLeavesAllOfItsQueuesAndNothingElseLeavesIt() {
        Order order = order(1, 2);
        draw(order);
        assertThat(join(door.cancel(
                        new Order(order.id(), Mode.FAIR, List.of(new OrderLine(3, 1)), Instant.EPOCH, null, null))))
                .as("another order under its id")
                .isFalse();
        assertThat(join(door.cancel(order))).isTrue();
        assertThat(redis.getKeys().getKeys(KeysScanOptions.defaults().pattern("turnstile:{line}:queue:*")))
                .isEmpty();
    }

    @Test
    void aTicketWhoseRecordWasDeletedHoldsUpNobody() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1, 2), order(1, 2), order(2));
        park(worker, parkings.subList(1, 3));
        redis.getMap(LineKeys.TICKETS, StringCodec.INSTANCE)
                .fastRemove(parkings.get(0).ticket().toString());
        assertThat(claim(worker)).isEmpty();
        assertThat(join(worker.mend(parkings.subList(1, 3)))).isTrue();
        assertThat(ticketsOf(claim(worker).orElseThrow())).isEqualTo(tickets(parkings.subList(1, 3)));
    }

    @Test
    void whatAnotherBuildParkedIsParkedAnewByItsKeeper() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1));
        park(worker, parkings);
        redis.<String, String>getMap(LineKeys.PARKED, StringCodec.INSTANCE)
                .fastPut(parkings.get(0).ticket().toString(), "a");
        assertThat(claim(worker)).isEmpty();
        assertThat(join(worker.astray(parkings))).containsExactly(parkings.get(0));
        join(worker.rejoin(parkings.subList(0, 1)));
        assertThat(ticketsOf(claim(worker).orElseThrow())).isEqualTo(tickets(parkings));
    }

    @Test
    void whatIsGivenBackUndecidedCanBeClaimedAgain() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1), order(2));
        park(worker, parkings);
        Claim claim = claim(worker).orElseThrow();
        join(worker.turn(FinishedRun.undecided(claim), 0));
        assertThat(ticketsOf(claim(worker("b")).orElseThrow())).isEqualTo(tickets(parkings));
    }

    @Test
    void aWorkerLearnsOfProductsItNeverSaw() {
        LineHead keeper = worker("keeper");
        TicketedOrder parking = drawn(order(7, 8, 9)).get(0);
        park(keeper, parking);
        assertThat(ticketsOf(claim(worker("stranger")).orElseThrow())).containsExactly(parking.ticket());
    }

    /**
     * Orders of a shop with many products once waited for ever: a turn declared the queues of the products seen last,
     * of which the first order always lacked some.
     */
    @ParameterizedTest
    @ValueSource(ints = {200, 2_000, 10_000})
    void anyCatalogueIsDrainedInFewTurns(int products) {
        Random random = new Random(products);
        List<TicketedOrder> parkings = new ArrayList<>();
        int lines = 0;
        for (int i = 0; i < many(); i++) {
            Order order = order(random.longs(1, products)
                    .distinct()
                    .limit(i % 50 == 0 ? 50 : 1 + random.nextInt(10))
                    .toArray());
            lines += order.lines().size();
            parkings.addAll(drawn(order));
        }
        List<LineHead> workers = List.of(worker("a"), worker("b"));
        for (int i = 0; i < parkings.size(); i += 100) {
            park(workers.get(i / 100 % 2), parkings.subList(i, Math.min(i + 100, parkings.size())));
        }
        int turns = 0;
        List<Ticket> decided = new ArrayList<>();
        Optional<Claim> next = claim(worker("stranger"));
        while (next.isPresent()) {
            turns++;
            decided.addAll(ticketsOf(next.get()));
            LineHead worker = workers.get(turns % 2);
            next = join(worker.turn(FinishedRun.decided(next.get(), List.of()), properties.maxRun()));
        }
        assertThat(decided).containsExactlyInAnyOrderElementsOf(tickets(parkings));
        assertThat(turns).as("turns for %d lines", lines).isLessThan(5 + lines / 100);
    }

    @Test
    void aCancelledTicketWakesTheKeeperOfTheNextButAParkedOneStays() {
        LineHead keeper = worker("keeper");
        Collection<String> woken = new ConcurrentLinkedQueue<>();
        join(keeper.subscribe(noting(woken)));
        List<TicketedOrder> parkings = drawn(order(1), order(1));
        park(keeper, parkings.get(1));
        assertThat(claim(keeper)).isEmpty();

        assertThat(join(door.cancel(parkings.get(0).order()))).isTrue();
        await().until(() -> woken.contains("claimable"));
        assertThat(join(door.cancel(parkings.get(1).order())))
                .as("it is parked")
                .isFalse();
        assertThat(ticketsOf(claim(keeper).orElseThrow())).isEqualTo(tickets(parkings.subList(1, 2)));
    }

    @Test
    void onlyTheKeepersConcernedAreWoken() {
        LineHead decider = worker("decider");
        LineHead keeper = worker("keeper");
        LineHead bystander = worker("bystander");
        Collection<String> keeperWoken = new ConcurrentLinkedQueue<>();
        Collection<String> bystanderWoken = new ConcurrentLinkedQueue<>();
        join(keeper.subscribe(noting(keeperWoken)));
        join(bystander.subscribe(noting(bystanderWoken)));
        List<TicketedOrder> parkings = drawn(order(1), order(1), order(2));
        park(decider, parkings.get(0));
        Claim claim = claim(decider).orElseThrow();
        park(keeper, parkings.get(1));

        join(decider.turn(FinishedRun.decided(claim, List.of()), 0));
        decider.tellDecided("keeper", List.of(parkings.get(1).order()));

        await().until(() -> keeperWoken.size() == 2);
        assertThat(keeperWoken)
                .containsExactly(
                        "claimable",
                        "decided " + parkings.get(1).order().id() + " for "
                                + parkings.get(1).order().replyTo());
        assertThat(bystanderWoken).isEmpty();
    }

    @Test
    void aRemovedTicketMakesWayAndEndsNoClaimOfTheSameWorker() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(2), order(2));
        park(worker, parkings.get(0), parkings.get(2));
        Claim claim = claim(worker).orElseThrow();

        join(worker.remove(parkings.get(1).ticket(), parkings.get(1).order().id()));

        assertThat(claim(worker("b")).map(LineIT::ticketsOf))
                .as("behind the removed one; the other claim stands")
                .contains(tickets(parkings.subList(2, 3)));
        join(worker.turn(FinishedRun.decided(claim, List.of()), 0));
        assertThat(join(door.place(parkings.get(0).order().id()))).isEmpty();
    }

    /** Also one that a worker is about to decide: it finds the outcome in the ledger. */
    @Test
    void aDecidedOrderLeavesTheLineWhoeverParkedOrClaimedIt() {
        LineHead worker = worker("a");
        Collection<String> woken = new ConcurrentLinkedQueue<>();
        LineHead keeper = worker("b");
        join(keeper.subscribe(noting(woken)));
        List<TicketedOrder> parkings = drawn(order(1), order(1, 2), order(2), order(3));
        park(worker, parkings.get(0));
        Claim claim = claim(worker).orElseThrow();
        park(keeper, parkings.subList(1, 3));
        assertThat(join(door.standing(parkings.get(1).order().id()))).contains(parkings.get(1));

        join(door.leave(parkings.get(1)));
        await().until(() -> woken.contains("claimable"));
        assertThat(ticketsOf(claim(keeper).orElseThrow())).as("behind it").isEqualTo(tickets(parkings.subList(2, 3)));
        join(door.leave(parkings.get(0)));
        join(door.leave(parkings.get(0)));
        join(door.leave(parkings.get(3)));
        assertThat(join(door.standing(parkings.get(3).order().id()))).isEmpty();

        endAllLeases();
        TicketedOrder next = drawn(order(1)).get(0);
        park(keeper, next);
        assertThat(decideAll(keeper)).isEqualTo(tickets(List.of(parkings.get(2), next)));
        join(worker.turn(FinishedRun.decided(claim, List.of()), 0));
        assertThat(redis.getKeys().getKeys(KeysScanOptions.defaults().pattern("turnstile:{line}:*")))
                .containsExactly(LineKeys.STATE);
    }

    @Test
    void aForgottenOrderIsReportedAndStandsAgainAtItsOwnTicket() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1), order(1));
        redis.getKeys().deleteByPattern("turnstile:{line}:*");

        assertThat(park(worker, parkings.get(2), parkings.get(1))).containsExactly(parkings.get(2), parkings.get(1));
        assertThat(join(worker.astray(parkings))).isEqualTo(parkings);
        join(worker.rejoin(parkings));
        assertThat(join(worker.astray(parkings))).isEmpty();
        TicketedOrder later = drawn(order(1)).get(0);
        park(worker, later);
        makeWhole();

        assertThat(later.ticket().epoch()).isEqualTo(2);
        assertThat(ticketsOf(claim(worker).orElseThrow()))
                .containsExactly(
                        parkings.get(0).ticket(),
                        parkings.get(1).ticket(),
                        parkings.get(2).ticket(),
                        later.ticket());
    }

    @Test
    void aTicketOfASilentApiIsAnOrphanOnceAllPartitionsWereSeenSince() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1), order(1));
        park(worker, parkings.get(1));
        assertThat(join(worker.suspects(2)).count())
                .as("young, of a living API")
                .isZero();

        RMap<String, String> beats = redis.getMap(LineKeys.BEATS, StringCodec.INSTANCE);
        join(door.beat());
        assertThat(join(worker.suspects(2)).count()).isZero();
        beats.put("api", "1000");

        Suspects suspects = join(worker.suspects(2));
        assertThat(suspects.count()).isEqualTo(2);
        assertThat(suspects.orphans()).as("its record may be in the topic").isEmpty();
        join(worker.seen(List.of(0), suspects.asOf(), 2));
        assertThat(join(worker.suspects(2)).orphans())
                .as("or in the other partition")
                .isEmpty();
        join(worker.seen(List.of(1), suspects.asOf(), 2));
        assertThat(join(worker.suspects(2)).orphans())
                .containsExactly(orphan(parkings.get(0)), orphan(parkings.get(2)));

        assertThat(join(worker.removeUnlessParked(orphan(parkings.get(0))))).isTrue();
        assertThat(join(worker.removeUnlessParked(orphan(parkings.get(1)))))
                .as("it is parked")
                .isFalse();
        assertThat(ticketsOf(claim(worker).orElseThrow())).isEqualTo(tickets(parkings.subList(1, 2)));
        assertThat(join(worker.suspects(2)).count()).isEqualTo(1);
    }

    @Test
    void aTicketThatIsOlderThanAPublicationCanTakeIsSuspectWhoeverDrewIt() {
        LineHead worker = worker("a");
        TicketedOrder parking = drawn(order(1)).get(0);
        join(door.beat());
        redis.getScoredSortedSet(LineKeys.UNPARKED, StringCodec.INSTANCE)
                .add(1000, parking.ticket().toString());
        assertThat(join(worker.suspects(1)).count()).isEqualTo(1);
        park(worker, parking);
        assertThat(join(worker.suspects(1)).count()).isZero();
    }

    /** Its drawer was only paused, and published it when another had drawn for the order a second time. */
    @Test
    void anOrphanLeavesTheLineAlsoWhenItsOrderStandsAtAnotherTicket() {
        LineHead worker = worker("a");
        TicketedOrder first = drawn(order(1)).get(0);
        join(worker.removeUnlessParked(orphan(first)));
        TicketedOrder second = new TicketedOrder(first.order(), draw(first.order()));
        TicketedOrder behind = drawn(order(1)).get(0);
        park(worker, behind);
        join(worker.rejoin(List.of(first)));
        Claim claim = claim(worker).orElseThrow();
        assertThat(ticketsOf(claim)).containsExactly(first.ticket());
        join(worker.turn(FinishedRun.decided(claim, List.of()), 0));

        redis.getScoredSortedSet(LineKeys.UNPARKED, StringCodec.INSTANCE)
                .add(1000, second.ticket().toString());
        join(worker.seen(List.of(0), join(worker.suspects(1)).asOf(), 1));
        assertThat(join(worker.suspects(1)).orphans()).containsExactly(orphan(second));
        assertThat(join(worker.removeUnlessParked(orphan(second)))).isTrue();
        assertThat(ticketsOf(claim(worker).orElseThrow())).containsExactly(behind.ticket());
    }

    @Test
    void ordersInTurnAreLetInUpToTheFirstThatFindsTheLineFull() {
        List<Order> orders = List.of(order(1), order(2), order(1), order(2));
        Ticket last = draw(orders.get(3));

        List<Ticket> tickets = join(door.drawInTurn(orders, 3));

        assertThat(tickets).as("two of them, and the one that was there").hasSize(2);
        assertThat(tickets).isSorted().allMatch(ticket -> ticket.compareTo(last) > 0);
        assertThat(join(door.place(orders.get(2).id()))).isEmpty();
        assertThat(join(door.drawInTurn(orders, 3))).as("they keep theirs").isEqualTo(tickets);
        assertThat(join(door.drawInTurn(orders, 4))).hasSize(4).startsWith(tickets.get(0), tickets.get(1));
        assertThat(join(door.drawInTurn(List.of(), 4))).isEmpty();
    }

    /** Else orders after the loss would go before those whose records are still in the topic. */
    @Test
    void aLineThatLostItsMemoryGivesNoClaimBeforeAllThatWasPublishedWasMet() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1), order(2));
        park(worker, parkings);
        Claim before = claim(worker).orElseThrow();
        Suspects old = join(worker.suspects(2));
        redis.getKeys().deleteByPattern("turnstile:{line}:*");

        TicketedOrder later = drawn(order(1)).get(0);
        park(worker, later);
        assertThat(claim(worker)).isEmpty();
        join(worker.turn(FinishedRun.undecided(before), 0));
        Suspects since = join(worker.suspects(2));
        assertThat(since.rebuilding()).isTrue();
        Moment ofAFastClock = new Moment(since.asOf().ms() + 60_000, old.asOf().epoch());
        assertThat(join(worker.seen(List.of(0, 1), ofAFastClock, 2)))
                .as("end offsets that were read before the loss")
                .isFalse();
        join(worker.rejoin(parkings.subList(0, 1)));
        assertThat(join(worker.seen(List.of(1), since.asOf(), 2))).isFalse();
        assertThat(claim(worker)).isEmpty();
        join(worker.rejoin(parkings.subList(1, 3)));
        assertThat(join(worker.seen(List.of(0), since.asOf(), 2))).isTrue();

        assertThat(join(worker.suspects(2)).rebuilding()).isFalse();
        List<Ticket> inOrder = new ArrayList<>(tickets(parkings));
        inOrder.add(later.ticket());
        assertThat(ticketsOf(claim(worker).orElseThrow())).isEqualTo(inOrder);
    }

    /**
     * A replica that was promoted, or a Redis that was started again, has another name than the one that got the epoch.
     */
    @Test
    void theMemoryOfAnotherMasterGetsAnEpochOfItsOwnAndIsRebuilt() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1), order(1));
        park(worker, parkings.subList(0, 2));
        Claim before = claim(worker).orElseThrow();
        failOver();

        TicketedOrder later = drawn(order(1)).get(0);
        assertThat(later.ticket().epoch()).isEqualTo(2);
        assertThat(join(worker.turn(FinishedRun.decided(before, List.of()), 10)))
                .as("the third may be published, and no worker has consumed it since")
                .isEmpty();
        park(worker, parkings.get(2), later);
        assertThat(claim(worker)).isEmpty();
        makeWhole();
        assertThat(ticketsOf(claim(worker).orElseThrow()))
                .containsExactly(parkings.get(2).ticket(), later.ticket());
    }

    @Test
    void ticketsOfEarlierEpochsThatNobodyMeetsAreTold() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1));
        assertThat(join(worker.suspects(1)).ofEarlierEpochs()).isEmpty();
        failOver();
        drawn(order(1));
        park(worker, parkings.get(1));
        Suspects suspects = join(worker.suspects(1));
        assertThat(suspects.ofEarlierEpochs()).containsExactly(orphan(parkings.get(0)));
        assertThat(suspects.count()).as("none is suspect yet").isZero();
    }

    private void failOver() {
        redis.getMap(LineKeys.STATE, StringCodec.INSTANCE).put("memory", "0".repeat(40));
    }

    @Test
    void aMarkOfAnotherMemoryIsNobodys() {
        redis.getKeys().delete(LineKeys.STATE);
        String others = "0".repeat(40) + ":mark";
        redis.getMap(LineKeys.STATE, StringCodec.INSTANCE).put("mark", others);
        RedisScript script = RedisScript.load("line", "line-epoch");
        List<String> keys = List.of(LineKeys.STATE, LineKeys.SEEN);
        assertThat(join(script.run(redis, keys, others, 7, INSTALLATION)).get(0))
                .as("drawn for a memory that was left")
                .isEqualTo("");
        assertThat(draw(order(1)).epoch()).isEqualTo(2);
    }

    @Test
    void anEpochDrawnBeforeALossIsNotInstalledAfterTheNext() {
        redis.getKeys().deleteByPattern("turnstile:{line}:*");
        CompletableFuture<Long> slowEpoch = new CompletableFuture<>();
        LineRedis slow = new LineRedis(redis, (mark, known) -> slowEpoch.join(), INSTALLATION);
        CompletionStage<Ticket> slowDraw = new RedisTicketLine(slow, properties, "api", REQUESTS).draw(order(1));
        await().until(() -> redis.getMap(LineKeys.STATE, StringCodec.INSTANCE).containsKey("mark"));
        epochs.set(5);
        redis.getKeys().deleteByPattern("turnstile:{line}:*");
        assertThat(draw(order(1)).epoch()).isEqualTo(6);

        slowEpoch.complete(1L);
        assertThat(join(slowDraw).epoch()).as("the epoch that stands").isEqualTo(6);
    }

    @Test
    void anEpochThatAProcessSawIsNotGivenAgainThoughLedgerAndLineForgotIt() {
        LineRedis.Epochs forgetful = (mark, known) -> known + 1;
        LineRedis drew = new LineRedis(redis, forgetful, INSTALLATION);
        LineRedis began = new LineRedis(redis, forgetful, INSTALLATION);
        LineRedis looked = new LineRedis(redis, forgetful, INSTALLATION);
        assertThat(began.owner()).isEqualTo(INSTALLATION.toString());
        join(new RedisTicketLine(looked, properties, "looks", REQUESTS).traffic());
        long epoch = join(new RedisTicketLine(drew, properties, "api", REQUESTS).draw(order(1)))
                .epoch();
        for (LineRedis process : List.of(began, looked, began, drew)) {
            redis.getKeys().deleteByPattern("turnstile:{line}:*");
            List.of(began, looked, drew).forEach(LineRedis::owner);
            assertThat(join(new RedisTicketLine(process, properties, "api", REQUESTS).draw(order(1)))
                            .epoch())
                    .isGreaterThan((int) epoch);
            epoch++;
            List.of(began, looked, drew).forEach(LineRedis::owner);
        }
    }

    @Test
    void aLineBelongsToTheFirstInstallationThatComes() {
        UUID other = UUID.randomUUID();
        LineRedis stranger = new LineRedis(redis, (mark, known) -> epochs.incrementAndGet(), other);
        assertThat(stranger.owner()).isEqualTo(INSTALLATION.toString());
        failOver();
        assertThatThrownBy(() -> join(new RedisTicketLine(stranger, properties, "other", REQUESTS).draw(order(1))))
                .as("a memory that came back as another process")
                .hasMessageContaining(INSTALLATION.toString())
                .hasMessageContaining(other.toString());

        redis.getKeys().delete(LineKeys.STATE);
        assertThat(stranger.owner()).as("no installation's").isEqualTo(other.toString());
        assertThat(lineRedis.owner()).isEqualTo(other.toString());
        redis.getMap(LineKeys.STATE, StringCodec.INSTANCE).fastRemove("installation");
        assertThat(lineRedis.owner()).as("of an earlier release").isEqualTo(INSTALLATION.toString());
    }

    @Test
    void allWhoSeeALossAskForOneEpoch() {
        redis.getKeys().deleteByPattern("turnstile:{line}:*");
        Map<String, Long> byMark = new ConcurrentHashMap<>();
        AtomicInteger asked = new AtomicInteger();
        List<LineRedis> processes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            processes.add(new LineRedis(
                    redis,
                    (mark, known) -> {
                        asked.incrementAndGet();
                        return byMark.computeIfAbsent(mark, unused -> epochs.incrementAndGet());
                    },
                    INSTALLATION));
        }
        List<CompletionStage<Ticket>> draws = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            draws.add(new RedisTicketLine(processes.get(i % 3), properties, "api", REQUESTS).draw(order(1)));
        }
        assertThat(draws).allSatisfy(draw -> assertThat(join(draw).epoch()).isEqualTo(epochs.intValue()));
        assertThat(byMark).hasSize(1);
        assertThat(asked).hasValueLessThan(20);
    }

    @Test
    void anEpochThatIsNotGreaterThanThatOfAnOlderMemoryIsNotInstalled() {
        draw(order(1));
        redis.getMap(LineKeys.STATE, StringCodec.INSTANCE).put("epoch", "9");
        redis.getMap(LineKeys.STATE, StringCodec.INSTANCE).put("memory", "0".repeat(40));
        List<Long> told = new ArrayList<>();
        LineRedis forgetful = new LineRedis(
                redis,
                (mark, known) -> {
                    told.add(known);
                    return told.size() == 1 ? 4 : 10; // the database forgot
                },
                INSTALLATION);
        RedisTicketLine line = new RedisTicketLine(forgetful, properties, "api", REQUESTS);
        assertThat(line.draw(order(1)).toCompletableFuture()).completesExceptionallyWithin(Duration.ofSeconds(10));
        assertThat(join(line.draw(order(1))).epoch()).isEqualTo(10);
        assertThat(told).containsExactly(9L, 9L);
    }

    @Test
    void theCacheNeverGoesBackToAnOlderVersion() {
        LineHead worker = worker("a");
        park(worker, drawn(order(1)));
        Claim claim = claim(worker).orElseThrow();
        join(worker.turn(FinishedRun.decided(claim, List.of(new Stock(1, 5, 7))), 0));
        join(worker.turn(new FinishedRun(claim, false, List.of(new Stock(1, 90, 6))), 0));
        assertThat(redis.getMap("turnstile:{line}:stock:1", StringCodec.INSTANCE)
                        .readAllMap())
                .containsEntry("quantity", "5")
                .containsEntry("version", "7");
    }

    @Test
    void theStockCacheIsWrittenByVersionAndRead() {
        StockCache cache = new RedisStockCache(redis);
        join(cache.write(List.of(new Stock(1, 5, 7), new Stock(2, 0, 3))));
        join(cache.write(List.of(new Stock(1, 90, 6), new Stock(2, 8, 4))));
        assertThat(join(cache.quantities(List.of(1L, 2L, 3L)))).isEqualTo(Map.of(1L, 5, 2L, 8));
    }

    @Test
    void theCacheRefusesByWhatIsKnownToBeSoAMomentAgo() {
        StockCache cache = new RedisStockCache(redis);
        List<OrderLine> wanted = List.of(new OrderLine(41, 2), new OrderLine(42, 1), new OrderLine(43, 1));
        Duration second = Duration.ofSeconds(1);
        long time = join(cache.write(List.of(new Stock(41, 1, 7), new Stock(42, 5, 3)), 0));
        assertThat(join(cache.shortages(wanted, second))).as("not confirmed").isEmpty();

        join(cache.write(List.of(new Stock(41, 1, 7), new Stock(42, 5, 3)), time));
        assertThat(join(cache.shortages(wanted, second))).containsExactly(new Shortage(41, 2, 1));
        assertThat(join(cache.shortages(wanted, Duration.ZERO)))
                .as("too long ago")
                .isEmpty();
        join(cache.write(List.of(new Stock(41, 1, 7)), time - 5000));
        assertThat(join(cache.shortages(wanted, second))).as("an older time").isNotEmpty();

        join(cache.write(List.of(new Stock(41, 1, 8))));
        assertThat(join(cache.shortages(wanted, second))).as("another version").isEmpty();
    }

    @Test
    void nothingIsLeftInRedisWhenAllIsDecided(TestReporter reporter) {
        int times = Proofs.times(1, 20);
        Proofs.show(reporter, "no key is left when the line is empty", times * many() / 2 + " orders");
        LineHead worker = worker("a");
        for (int time = 0; time < times; time++) {
            List<TicketedOrder> parkings = new ArrayList<>();
            for (int i = 0; i < many() / 2; i++) {
                parkings.addAll(drawn(order(1 + i % 7, 8 + i % 3)));
            }
            park(worker, parkings);
            decideAll(worker);
        }
        assertThat(redis.getKeys().getKeys(KeysScanOptions.defaults().pattern("turnstile:{line}:*")))
                .containsExactly(LineKeys.STATE);
    }

    /**
     * Workers that park late, die, forget and take turns at random: per product, orders are decided in the order of
     * their tickets, each of them, and none by two live claims.
     */
    @Test
    void whateverWorkersDoEachProductIsServedInTheOrderOfTickets(TestReporter reporter) {
        int times = Proofs.times(1, 50);
        long seed = Long.getLong("turnstile.seed", System.nanoTime());
        Proofs.show(
                reporter,
                "each product is served in the order of tickets whatever workers do",
                times + " × " + many() + " orders, seeds from " + seed);
        for (int time = 0; time < times; time++) {
            newLine();
            serveInTheOrderOfTickets(seed + time, 3, 9);
            newLine();
            serveInTheOrderOfTickets(seed + time, 50, 1_000);
        }
    }

    private void serveInTheOrderOfTickets(long seed, int mostLines, int products) {
        Random random = new Random(seed);
        List<LineHead> workers = List.of(worker("a"), worker("b"), worker("c"));
        List<TicketedOrder> unparked = new ArrayList<>();
        for (int i = 0; i < many(); i++) {
            int width = 1 + random.nextInt(i % 20 == 0 ? mostLines : Math.min(mostLines, 10));
            unparked.addAll(
                    drawn(order(random.longs(width, 1, products).distinct().toArray())));
        }
        Set<Ticket> all = new HashSet<>(tickets(unparked));
        Collections.shuffle(unparked.subList(0, many() / 2), random);
        Map<LineHead, Deque<Claim>> claims = new HashMap<>();
        Map<Long, Ticket> lastOfProduct = new TreeMap<>();
        Map<Ticket, Long> decided = new LinkedHashMap<>();

        while (decided.size() < all.size()) {
            LineHead worker = workers.get(random.nextInt(workers.size()));
            int most = 1 + random.nextInt(60);
            switch (random.nextInt(unparked.isEmpty() ? 4 : 6)) {
                case 0 -> { // dies: its claims end with their leases
                    endAllLeases();
                    claims.clear();
                }
                case 1, 2, 3 -> {
                    Deque<Claim> held = claims.computeIfAbsent(worker, key -> new ArrayDeque<>());
                    FinishedRun handback = null;
                    if (held.size() == 2 || (held.size() == 1 && random.nextBoolean())) {
                        Claim claim = held.remove();
                        boolean fails = random.nextInt(10) == 0;
                        handback = fails ? FinishedRun.undecided(claim) : FinishedRun.decided(claim, List.of());
                        if (fails) {
                            held.clear();
                        } else {
                            for (Claim.Claimed claimed : claim.orders()) {
                                assertThat(decided.put(claimed.ticket(), claim.fence()))
                                        .as("decided twice, seed %d", seed)
                                        .isNull();
                                for (long productId : claimed.order().productIds()) {
                                    Ticket last = lastOfProduct.put(productId, claimed.ticket());
                                    assertThat(last == null || last.compareTo(claimed.ticket()) < 0)
                                            .as("product %d: %s before %s, seed %d", productId, last, claimed, seed)
                                            .isTrue();
                                }
                            }
                        }
                    }
                    turn(worker, handback, held.peek(), most).ifPresent(next -> {
                        claims.forEach((other, theirs) -> theirs.forEach(claim -> assertThat(
                                        other == worker || Collections.disjoint(claim.productIds(), next.productIds()))
                                .as("claims of two workers share a product, seed %d", seed)
                                .isTrue()));
                        assertThat(next.orders()).hasSizeLessThanOrEqualTo(most);
                        held.add(next);
                    });
                }
                default -> {
                    int count = Math.min(unparked.size(), 1 + random.nextInt(50));
                    List<TicketedOrder> some = unparked.subList(0, count);
                    park(worker, List.copyOf(some));
                    some.clear();
                }
            }
        }
        assertThat(decided.keySet()).isEqualTo(all);
    }

    /**
     * With its run lost, a claim could not be released: its products stayed held, and its lease stayed among those that
     * end, for good.
     */
    @ParameterizedTest
    @ValueSource(strings = {LineKeys.HELD, LineKeys.CLAIMS, LineKeys.RUNS, LineKeys.CLAIMANTS, LineKeys.HEADS})
    void aKeyOfTheClaimThatIsDeletedByHandHoldsUpNobody(String key) {
        LineHead holder = worker("holder");
        LineHead next = worker("next");
        List<TicketedOrder> parkings = drawn(order(1), order(2), order(1), order(3));
        park(holder, parkings.subList(0, 2));
        Claim claim = claim(holder).orElseThrow();
        park(next, parkings.subList(2, 4));

        redis.getKeys().delete(key);
        join(holder.turn(FinishedRun.undecided(claim), 0));
        join(holder.mend(parkings.subList(0, 2)));
        join(next.mend(parkings.subList(2, 4)));

        assertThat(decideAll(next)).containsExactlyInAnyOrderElementsOf(tickets(parkings));
        assertThat(redis.getKeys().countExists(LineKeys.HELD, LineKeys.CLAIMS, LineKeys.RUNS, LineKeys.CLAIMANTS))
                .isZero();
    }

    /**
     * Kept orders are in Kafka and at their keeper, so no loss of Redis keeps them from being decided at their
     * positions.
     */
    @ParameterizedTest
    @ValueSource(strings = {LineKeys.ORDERS, LineKeys.TICKETS, LineKeys.PARKED, LineKeys.UNPARKED, "queue of 1"})
    void aKeyOfTheLineThatIsDeletedByHandHoldsUpNobody(String key) {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(2, 1), order(2), order(1, 3));
        park(worker, parkings);

        redis.getKeys().delete(key.equals("queue of 1") ? LineKeys.queue(1) : key);
        recheck(worker, parkings);

        for (TicketedOrder parking : parkings) {
            assertThat(join(door.place(parking.order().id()))).isPresent();
        }
        assertThat(decideAll(worker)).containsExactlyElementsOf(tickets(parkings));
        assertThat(join(worker.mend(parkings))).isFalse();
    }

    /**
     * Another program's value in a key of the line once made each script that touches it fail, until it was deleted by
     * hand.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                LineKeys.ORDERS, LineKeys.TICKETS, LineKeys.PARKED, LineKeys.HEADS, LineKeys.HELD, LineKeys.CLAIMS,
                LineKeys.RUNS, LineKeys.CLAIMANTS, LineKeys.UNPARKED, LineKeys.BEATS, LineKeys.SEEN, LineKeys.REFUSED,
                LineKeys.REQUESTS, LineKeys.REQUEST_AGES, LineKeys.STATE, "queue:1", "stock:9"
            })
    void aKeyOfTheLineThatHasAnotherTypeHoldsUpNobody(String name) {
        String key = name.startsWith("turnstile") ? name : "turnstile:{line}:" + name;
        LineHead worker = worker("a");
        confirmStock(new Stock(9, 0, 1));
        List<TicketedOrder> parkings = new ArrayList<>(drawn(order(2), order(1, 2)));
        park(worker, parkings);
        redis.getKeys().delete(key);
        redis.getBucket(key, StringCodec.INSTANCE).set("not ours");

        join(door.beat());
        if (name.equals("stock:9")) {
            parkings.addAll(drawn(order(9)));
        } else {
            assertThat(shortages(order(9))).isNotEmpty();
        }
        Order keyed = order(1, 3);
        parkings.add(new TicketedOrder(
                keyed,
                join(door.draw(keyed, 100, new RequestKey(keyed.id(), "a"))).ticket()));
        park(worker, parkings.subList(2, parkings.size()));
        recheck(worker, parkings);
        makeWhole(worker);

        assertThat(decideAll(worker)).containsExactlyInAnyOrderElementsOf(tickets(parkings));
        assertThat(join(worker.mend(parkings))).isFalse();
    }

    /** The re-check of a worker that keeps these orders. */
    private void recheck(LineHead worker, List<TicketedOrder> kept) {
        join(worker.mend(kept));
        List<TicketedOrder> astray = join(worker.astray(kept));
        if (!astray.isEmpty()) {
            join(worker.rejoin(astray));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "garbage", "1|2|3|4", "1|01890a5d-ac96-774b-bcce-b302099a8057|a|no json"})
    void aTicketWhoseRecordWasDamagedIsDecidedByThatOfItsKeeper(String damaged) {
        LineHead keeper = worker("keeper");
        LineHead other = worker("other");
        List<TicketedOrder> parkings = drawn(order(1), order(1));
        park(keeper, parkings);
        redis.<String, String>getMap(LineKeys.TICKETS, StringCodec.INSTANCE)
                .fastPut(parkings.get(0).ticket().toString(), damaged);

        assertThatThrownBy(() -> claim(other)).as("it keeps none of them").isInstanceOf(IllegalStateException.class);
        recheck(keeper, parkings);

        assertThat(decideAll(other)).containsExactlyElementsOf(tickets(parkings));
    }

    /** As in a ledger whose rows were changed by hand: no run of the line would ever be decided again. */
    @Test
    void aFenceThatTheLedgerHasSeenIsPassed() {
        LineHead worker = worker("a");
        park(worker, drawn(order(1)));
        Claim claim = claim(worker).orElseThrow();
        long seen = claim.fence() + 5 * (1L << 40);
        worker.raiseFloor(seen);
        join(worker.turn(FinishedRun.undecided(claim), 0));

        Claim next = claim(worker("b")).orElseThrow();
        assertThat(next.fence()).as("only who was refused knows it").isEqualTo(claim.fence() + 1);
        join(worker("b").turn(FinishedRun.undecided(next), 0));
        Claim above = claim(worker).orElseThrow();
        assertThat(above.fence()).isEqualTo(seen + 1);
        join(worker.turn(FinishedRun.undecided(above), 0));
        assertThat(claim(worker("b")).orElseThrow().fence()).isEqualTo(seen + 2);
    }

    @Test
    void whatALostClaimHeldIsFreeOnceItsLeaseEnds() {
        LineHead lost = worker("lost");
        LineHead next = worker("next");
        List<TicketedOrder> parkings = drawn(order(1), order(1));
        park(lost, parkings);
        assertThat(claim(lost)).isPresent();
        redis.getKeys().delete(LineKeys.RUNS);

        assertThat(join(next.mend(parkings))).as("its lease has not ended").isFalse();
        assertThat(claim(next)).isEmpty();
        endAllLeases();
        assertThat(claim(next)).isEmpty();
        assertThat(join(next.mend(parkings))).isTrue();

        assertThat(ticketsOf(claim(next).orElseThrow())).isEqualTo(tickets(parkings));
        assertThat(join(next.mend(parkings))).isFalse();
    }

    /** No worker keeps an order then, so none repairs; an entry that stayed would wait for the next buyer. */
    @Test
    void aRunThatWasDeletedByHandIsGivenBackWhole() {
        LineHead worker = worker("a");
        park(worker, drawn(order(1), order(2)));
        Claim claim = claim(worker).orElseThrow();
        redis.getKeys().delete(LineKeys.RUNS);

        join(worker.turn(FinishedRun.decided(claim, List.of()), properties.maxRun()));

        assertThat(redis.getKeys().countExists(LineKeys.HELD, LineKeys.CLAIMS, LineKeys.CLAIMANTS))
                .isZero();
    }

    /** Else every re-check would report damage, and check again, while the first in line is in progress. */
    @Test
    void whoWaitsBehindATicketThatNobodyHasMetIsNotDamage() {
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = drawn(order(1), order(1, 2));
        List<TicketedOrder> second = parkings.subList(1, 2);
        park(worker, second);
        assertThat(claim(worker)).isEmpty();

        assertThat(join(worker.mend(second))).isFalse();

        park(worker, parkings.get(0));
        assertThat(ticketsOf(claim(worker).orElseThrow())).isEqualTo(tickets(parkings));
    }

    @Test
    void theDoorRefusesWhatConfirmedStockDoesNotServeAndNobodyElse() {
        confirmStock(new Stock(1, 1, 7), new Stock(2, 0, 4));

        assertThat(draw(order(1))).as("one is there").isNotNull();
        assertThat(draw(order(1)))
                .as("what those in the line will take is not taken yet")
                .isNotNull();
        assertThat(shortages(order(2))).containsExactly(new Shortage(2, 1, 0));
        Order several = order(List.of(new OrderLine(3, 9), new OrderLine(1, 2), new OrderLine(2, 3)));
        assertThat(shortages(several))
                .as("3 is not known, so it does not count")
                .containsExactlyInAnyOrder(new Shortage(1, 2, 1), new Shortage(2, 3, 0));
        assertThat(join(door.place(several.id())))
                .as("it never was in the line")
                .isEmpty();
    }

    /** All but the first wait for its draw, and are then drawn for by one script. */
    @Test
    void whoeverIsDrawnForAtOnceIsJudgedByWhatHeWants() {
        confirmStock(new Stock(1, 1, 7), new Stock(2, 0, 4));
        Order twice = order(List.of(new OrderLine(1, 2)));
        Order mixed = order(List.of(new OrderLine(1, 1), new OrderLine(2, 3), new OrderLine(3, 1)));
        List<CompletableFuture<Object>> told = Stream.of(
                        order(1), order(2), order(1), twice, order(3, 1), mixed, order(2), order(1))
                .map(order -> door.draw(order)
                        .toCompletableFuture()
                        .<Object>handle((ticket, failure) -> ticket != null
                                ? ticket.sequence()
                                : failure.getCause() instanceof SoldOutException soldOut
                                        ? soldOut.shortages()
                                        : failure))
                .toList();
        long first = (Long) told.get(0).join();
        assertThat(told.stream().map(CompletableFuture::join))
                .containsExactly(
                        first,
                        List.of(new Shortage(2, 1, 0)),
                        first + 1,
                        List.of(new Shortage(1, 2, 1)),
                        first + 2,
                        List.of(new Shortage(2, 3, 0)),
                        List.of(new Shortage(2, 1, 0)),
                        first + 3);
    }

    @Test
    void theDoorBelievesStockForAMomentOnly() {
        confirmStock(new Stock(1, 0, 7));
        assertThat(shortages(order(1))).containsExactly(new Shortage(1, 1, 0));

        long longAgo = redisTime() - properties.stockBelievedFor().toMillis();
        cacheEntry(1).put("confirmed", Long.toString(longAgo));
        assertThat(draw(order(1))).as("confirmed too long ago").isNotNull();
        cacheEntry(1).fastRemove("confirmed");
        assertThat(draw(order(1))).as("never confirmed").isNotNull();
    }

    @Test
    void theDoorRefusesNobodyByStockThatWasBookedOrDropped() {
        StockCache cache = new RedisStockCache(redis);
        confirmStock(new Stock(1, 0, 7), new Stock(2, 0, 7));
        join(cache.write(List.of(new Stock(1, 0, 8))));
        assertThat(draw(order(1))).as("the age of version 8 is unknown").isNotNull();
        cacheEntry(2).fastRemove("quantity");
        assertThat(draw(order(2))).as("only the version is left").isNotNull();
    }

    @Test
    void aLateHandbackConfirmsStockAsOfItsClaimOnly() {
        LineHead worker = worker("a");
        park(worker, drawn(order(1)));
        Claim claim = claim(worker).orElseThrow();
        Claim longAgo = new Claim(claim.fence(), claim.claimedAt() - 5000, claim.more(), claim.orders());
        join(worker.turn(FinishedRun.decided(longAgo, List.of(new Stock(1, 0, 7))), 0));
        assertThat(draw(order(1)))
                .as("its stock was read five seconds ago at the earliest")
                .isNotNull();

        confirmStock(new Stock(1, 0, 7));
        join(worker.turn(new FinishedRun(longAgo, false, List.of(new Stock(1, 0, 7))), 0));
        assertThat(shortages(order(1)))
                .as("a later confirmation of the same version stands")
                .isNotEmpty();
    }

    @Test
    void whoIsInTheLineOrAcceptedElsewhereIsNotTurnedAway() {
        Order known = order(1);
        Ticket ticket = draw(known);
        confirmStock(new Stock(1, 0, 7));
        assertThat(draw(known)).isEqualTo(ticket);
        assertThat(join(door.drawInTurn(List.of(order(1)), 100))).hasSize(1);
    }

    @Test
    void theFirstRefusalOfEachVersionIsKeptAsEvidence() {
        Ticket last = draw(order(1));
        confirmStock(new Stock(1, 0, 7));
        assertThat(shortages(order(1))).isNotEmpty();
        assertThat(shortages(order(List.of(new OrderLine(1, 3))))).isNotEmpty();
        confirmStock(new Stock(1, 2, 8));
        Ticket between = draw(order(1));
        assertThat(shortages(order(List.of(new OrderLine(1, 3))))).isNotEmpty();

        assertThat(redis.<String>getList(LineKeys.REFUSED, StringCodec.INSTANCE).readAll())
                .containsExactly("1:7:1:" + last, "1:8:3:" + between);
    }

    private void confirmStock(Stock... stocks) {
        for (Stock stock : stocks) {
            cacheEntry(stock.productId())
                    .putAll(Map.of(
                            "quantity", Integer.toString(stock.quantity()),
                            "version", Long.toString(stock.version()),
                            "confirmed", Long.toString(redisTime())));
        }
    }

    private RMap<String, String> cacheEntry(long productId) {
        return redis.getMap(RedisStockCache.key(productId), StringCodec.INSTANCE);
    }

    private long redisTime() {
        return join(worker("clock").suspects(1)).asOf().ms();
    }

    private List<Shortage> shortages(Order order) {
        try {
            throw new AssertionError(order + " got ticket " + draw(order));
        } catch (IllegalStateException e) {
            assertThat(e).hasCauseInstanceOf(SoldOutException.class);
            return e.getCause() instanceof SoldOutException soldOut ? soldOut.shortages() : List.of();
        }
    }

    List<Ticket> decideAll(LineHead worker) {
        List<Ticket> decided = new ArrayList<>();
        Optional<Claim> next = claim(worker);
        while (next.isPresent()) {
            decided.addAll(ticketsOf(next.get()));
            next = join(worker.turn(FinishedRun.decided(next.get(), List.of()), properties.maxRun()));
        }
        return decided;
    }

    private void endAllLeases() {
        RScoredSortedSet<String> claims = redis.getScoredSortedSet(LineKeys.CLAIMS, StringCodec.INSTANCE);
        claims.readAll().forEach(fence -> claims.add(0, fence));
    }

    LineHead worker(String name) {
        return new LineHead(lineRedis, properties, name);
    }

    private static Optional<Claim> turn(
            LineHead worker, @Nullable FinishedRun handback, @Nullable Claim inHand, int most) {
        return join(worker.turn(handback, inHand, most, ticket -> Optional.empty()));
    }

    Optional<Claim> claim(LineHead worker) {
        return join(worker.turn(null, properties.maxRun()));
    }

    List<TicketedOrder> park(LineHead worker, TicketedOrder... parkings) {
        return park(worker, Arrays.asList(parkings));
    }

    List<TicketedOrder> park(LineHead worker, List<TicketedOrder> parkings) {
        return join(worker.park(parkings)).absent();
    }

    List<TicketedOrder> drawn(Order... orders) {
        return Arrays.stream(orders)
                .map(order -> new TicketedOrder(order, draw(order)))
                .toList();
    }

    Ticket draw(Order order) {
        return join(door.draw(order));
    }

    static Drawn orphan(TicketedOrder parking) {
        return new Drawn(parking.ticket(), parking.order().id());
    }

    static List<Ticket> tickets(List<TicketedOrder> parkings) {
        return parkings.stream().map(TicketedOrder::ticket).toList();
    }

    static List<Ticket> ticketsOf(Claim claim) {
        return claim.orders().stream().map(Claim.Claimed::ticket).toList();
    }

    static WakeupListener noting(Collection<String> notes) {
        return new WakeupListener() {
            @Override
            public void claimable() {
                notes.add("claimable");
            }

            @Override
            public void decided(Collection<Answered> answered) {
                answered.forEach(order -> notes.add("decided " + order.orderId() + " for " + order.to()));
            }
        };
    }

    static Order order(long... productIds) {
        return order(
                Arrays.stream(productIds).mapToObj(id -> new OrderLine(id, 1)).toList());
    }

    static Order order(List<OrderLine> lines) {
        return new Order(UUID.randomUUID(), Mode.FAIR, lines, Instant.EPOCH, null, null);
    }

    static <T> T join(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
