package dev.turnstile.line;

import dev.turnstile.line.Claim.Claimed;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson.UnreadableMessageException;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.ReplyAddress;
import dev.turnstile.redis.RedisScript;
import dev.turnstile.stock.RedisStockCache;
import dev.turnstile.stock.Stock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RMap;
import org.redisson.api.RTopic;
import org.redisson.client.codec.StringCodec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ticket line as a worker sees it: it parks what it consumed, and takes turns at the head.
 *
 * <p>A turn releases the decided run and claims the next one in a single script. A run holds all contiguous
 * tickets, parked by any worker, from the heads of the queues on: the holder of the right commits for all waiting
 * orders, as in flat combining [3], so the cost of handing over is paid once per run and not once per order.
 *
 * <ol>
 *   <li>L. Lamport, A New Solution of Dijkstra's Concurrent Programming Problem, CACM 17(8), 1974 (the bakery).
 *   <li>J. Mellor-Crummey, M. Scott, Algorithms for Scalable Synchronization on Shared-Memory Multiprocessors, TOCS
 *       9(1), 1991 (ticket locks).
 *   <li>D. Hendler, I. Incze, N. Shavit, M. Tzafrir, Flat Combining and the Synchronization-Parallelism Tradeoff, SPAA
 *       2010.
 *   <li>M. Kleppmann, How to do distributed locking, 2016 (fencing tokens).
 * </ol>
 *
 * <p>Parking may be called by any thread. Turns are taken by one thread at a time: Redis ends claims of the same worker
 * that a turn does not name, as such whose answer was lost.
 */
public final class LineHead {

    private static final Logger log = LoggerFactory.getLogger(LineHead.class);
    private static final RedisScript MEND = RedisScript.load("line", "line-mend");
    private static final RedisScript PARK = RedisScript.load("line", "line-park");
    private static final RedisScript SUSPECTS = RedisScript.load("line", "line-suspects");
    private static final RedisScript SEEN = RedisScript.load("line", "line-seen");
    private static final RedisScript TURN = RedisScript.load("line", "line-turn");

    /**
     * Queues that every turn declares besides those that the turn before asked for: those of the products parked last.
     */
    private static final int RECENT_PRODUCTS = 256;

    /** Queues of the orders that one call parks or looks after, so that it does not hold up Redis for long. */
    private static final int QUEUES_AT_ONCE = 1000;

    /** Turns that are taken at most until one claims, each with the queues that the one before asked for. */
    private static final int TURNS_UNTIL_CLAIM = 4;

    /** Tickets that one check for orphans reads, oldest first. */
    private static final int SUSPECTS_AT_ONCE = 500;

    /** In place of the tickets of a run that all want a product. */
    private static final String ALL = "*";

    /** Between the keeper and the products in an entry of {@link LineKeys#PARKED}. */
    private static final char KEEPER_END = '|';

    private static final String CLAIM = "claim";
    private static final String ANSWERED = "answered:";
    private static final char ADDRESS = '@';
    private static final char PARTITION = '/';

    private final LineRedis redis;
    private final LineProperties properties;
    private final String worker;
    private final Map<Long, Boolean> recentProducts = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
            return size() > RECENT_PRODUCTS;
        }
    };

    /** The greatest fence by which the ledger refused a run of this worker. */
    private final AtomicLong floor = new AtomicLong();

    /** Products whose queues the last turn asked for; used by the thread that takes turns. */
    private volatile List<Long> wanted = List.of();

    LineHead(LineRedis redis, LineProperties properties, String worker) {
        this.redis = redis;
        this.properties = properties;
        this.worker = worker;
    }

    /** Subscribes to notices that an order of this worker can be claimed, or was decided by another worker. */
    public CompletionStage<Void> subscribe(WakeupListener wakeups) {
        return topic(worker)
                .addListenerAsync(String.class, (channel, message) -> {
                    if (message.equals(CLAIM)) {
                        wakeups.claimable();
                    } else if (message.startsWith(ANSWERED)) {
                        wakeups.decided(Arrays.stream(
                                        message.substring(ANSWERED.length()).split(","))
                                .map(LineHead::answered)
                                .toList());
                    }
                })
                .thenAccept(listenerId -> {});
    }

    private static WakeupListener.Answered answered(String text) {
        int address = text.indexOf(ADDRESS);
        if (address < 0) {
            return new WakeupListener.Answered(UUID.fromString(text), null);
        }
        int partition = text.indexOf(PARTITION);
        return new WakeupListener.Answered(
                UUID.fromString(text.substring(0, address)),
                new ReplyAddress(
                        text.substring(address + 1, partition), Integer.parseInt(text.substring(partition + 1))));
    }

    private static String answered(Order order) {
        ReplyAddress to = order.replyTo();
        return to == null
                ? order.id().toString()
                : order.id().toString() + ADDRESS + to.topic() + PARTITION + to.partition();
    }

    /**
     * Notifies a worker, unless it is this one, that orders it keeps were decided and answered, each with its reply
     * address. May be lost; then it finds out by itself.
     */
    public void tellDecided(String keeper, Collection<Order> orders) {
        if (keeper.equals(worker) || orders.isEmpty()) {
            return;
        }
        topic(keeper)
                .publishAsync(ANSWERED + orders.stream().map(LineHead::answered).collect(Collectors.joining(",")))
                .exceptionally(failure -> {
                    log.debug(
                            "could not notify {} of {} decided orders: {}", keeper, orders.size(), failure.toString());
                    return 0L;
                });
    }

    /**
     * Marks orders as parked under this worker's name: from now on any worker may decide them. Orders without a ticket
     * in the line and those with other lines than the record of their ticket are not.
     */
    public CompletionStage<Parked> park(List<TicketedOrder> parkings) {
        return park(parkings, false);
    }

    /** Lets orders that the line does not know join it again, each at its own ticket, and marks them as parked. */
    public CompletionStage<Void> rejoin(List<TicketedOrder> parkings) {
        return park(parkings, true).thenAccept(none -> {});
    }

    /**
     * What became of orders that were to be parked.
     *
     * @param parked those that are
     * @param absent those whose ticket is not in the line: decided, or forgotten by Redis
     * @param different those that have other lines than the record with which their ticket was drawn, as a second
     *     record of an order may; that record is what is decided
     */
    public record Parked(List<TicketedOrder> parked, List<TicketedOrder> absent, List<TicketedOrder> different) {

        private static final Parked NONE = new Parked(List.of(), List.of(), List.of());

        private Parked and(Parked more) {
            return new Parked(both(parked, more.parked), both(absent, more.absent), both(different, more.different));
        }

        private static List<TicketedOrder> both(List<TicketedOrder> some, List<TicketedOrder> more) {
            return Stream.concat(some.stream(), more.stream()).toList();
        }
    }

    private CompletionStage<Parked> park(List<TicketedOrder> parkings, boolean rejoin) {
        CompletionStage<Parked> parked = CompletableFuture.completedStage(Parked.NONE);
        for (List<TicketedOrder> some : inCalls(parkings)) {
            parked = parked.thenCompose(before -> parkInOneCall(some, rejoin).thenApply(before::and));
        }
        return parked;
    }

    /** Orders in their order, as many together as one call may declare the queues of. */
    private static List<List<TicketedOrder>> inCalls(List<TicketedOrder> parkings) {
        List<List<TicketedOrder>> calls = new ArrayList<>();
        Set<Long> productIds = new HashSet<>();
        int begin = 0;
        for (int i = 0; i < parkings.size(); i++) {
            productIds.addAll(parkings.get(i).order().productIds());
            if (productIds.size() > QUEUES_AT_ONCE) {
                calls.add(parkings.subList(begin, i));
                begin = i;
                productIds.clear();
                productIds.addAll(parkings.get(i).order().productIds());
            }
        }
        if (begin < parkings.size()) {
            calls.add(parkings.subList(begin, parkings.size()));
        }
        return calls;
    }

    private CompletionStage<Parked> parkInOneCall(List<TicketedOrder> parkings, boolean rejoin) {
        QueueKeys keys = new QueueKeys(
                LineKeys.STATE, LineKeys.ORDERS, LineKeys.TICKETS, LineKeys.PARKED, LineKeys.HEADS, LineKeys.UNPARKED);
        // One argument costs a client as much as a dozen characters of one.
        Map<List<OrderLine>, List<TicketedOrder>> groups = new LinkedHashMap<>();
        parkings.forEach(parking -> groups.computeIfAbsent(parking.order().lines(), lines -> new ArrayList<>())
                .add(parking));
        List<TicketedOrder> asked = new ArrayList<>(parkings.size());
        List<Object> arguments = new ArrayList<>();
        arguments.add(worker);
        arguments.add(groups.size());
        groups.forEach((lines, group) -> {
            arguments.add(
                    keys.positions(lines.stream().map(OrderLine::productId).toList()));
            arguments.add(
                    group.stream().map(parking -> parking.ticket().toString()).collect(Collectors.joining(",")));
            arguments.add(TicketRecord.lines(lines));
            asked.addAll(group);
        });
        if (rejoin) {
            for (TicketedOrder parking : parkings) {
                arguments.add(parking.ticket());
                arguments.add(parking.order().id());
                arguments.add(TicketRecord.of(parking.order(), ""));
            }
        }
        remember(keys.productIds());
        return redis.run(PARK, keys.all(), arguments.toArray()).thenApply(answer -> parked(asked, answer));
    }

    private static Parked parked(List<TicketedOrder> asked, List<Object> answer) {
        if (answer.size() == 1) {
            return new Parked(asked, List.of(), List.of());
        }
        List<Integer> places = answer.stream()
                .skip(1)
                .map(place -> Math.toIntExact((Long) place) - 1)
                .toList();
        int absent = Math.toIntExact((Long) answer.get(0));
        Set<Integer> notParked = Set.copyOf(places);
        return new Parked(
                IntStream.range(0, asked.size())
                        .filter(place -> !notParked.contains(place))
                        .mapToObj(asked::get)
                        .toList(),
                places.subList(0, absent).stream().map(asked::get).toList(),
                places.subList(absent, places.size()).stream().map(asked::get).toList());
    }

    /** Those of the orders that are not parked under this worker's name. */
    public CompletionStage<List<TicketedOrder>> astray(List<TicketedOrder> parkings) {
        if (parkings.isEmpty()) {
            return CompletableFuture.completedStage(List.of());
        }
        RMap<String, String> parked = redis.client().getMap(LineKeys.PARKED, StringCodec.INSTANCE);
        Set<String> tickets =
                parkings.stream().map(parking -> parking.ticket().toString()).collect(Collectors.toSet());
        return parked.getAllAsync(tickets).thenApply(entries -> parkings.stream()
                .filter(parking ->
                        !entries.getOrDefault(parking.ticket().toString(), "").startsWith(worker + KEEPER_END))
                .toList());
    }

    /**
     * Repairs keys that keep these parked orders from being claimed although no claim holds them, because a key of
     * the line was deleted by hand.
     *
     * @return whether there was something
     */
    public CompletionStage<Boolean> mend(List<TicketedOrder> parkings) {
        CompletionStage<Boolean> mended = CompletableFuture.completedStage(false);
        for (List<TicketedOrder> some : inCalls(parkings)) {
            mended = mended.thenCompose(before -> mendInOneCall(some).thenApply(now -> before || now));
        }
        return mended;
    }

    private CompletionStage<Boolean> mendInOneCall(List<TicketedOrder> parkings) {
        QueueKeys keys = new QueueKeys(
                LineKeys.STATE,
                LineKeys.PARKED,
                LineKeys.HEADS,
                LineKeys.HELD,
                LineKeys.CLAIMS,
                LineKeys.TICKETS,
                LineKeys.ORDERS);
        List<Object> orders = new ArrayList<>(2 * parkings.size());
        for (TicketedOrder parking : parkings) {
            orders.add(parking.ticket());
            orders.add(keys.positions(parking.order().productIds()));
        }
        List<Object> arguments = new ArrayList<>(1 + orders.size());
        arguments.add(keys.productIds().stream().map(String::valueOf).collect(Collectors.joining(",")));
        arguments.addAll(orders);
        return redis.run(MEND, keys.all(), arguments.toArray())
                .thenApply(answer -> !answer.get(0).equals(0L));
    }

    /**
     * Finds tickets that were drawn and will never be published.
     *
     * @param partitions how many partitions the topic of fair orders has
     */
    public CompletionStage<Suspects> suspects(int partitions) {
        return redis.run(
                        SUSPECTS,
                        List.of(LineKeys.UNPARKED, LineKeys.TICKETS, LineKeys.BEATS, LineKeys.SEEN, LineKeys.STATE),
                        properties.publishLimit().toMillis(),
                        properties.heartbeatLimit().toMillis(),
                        partitions,
                        SUSPECTS_AT_ONCE)
                .thenApply(LineHead::suspects);
    }

    private static Suspects suspects(List<Object> answer) {
        int begin = 5;
        List<Drawn> unmet = IntStream.range(0, (answer.size() - begin) / 2)
                .mapToObj(i -> new Drawn(
                        Ticket.parse(answer.get(begin + 2 * i)),
                        UUID.fromString(answer.get(begin + 2 * i + 1).toString())))
                .toList();
        int orphans = Math.toIntExact((Long) answer.get(4));
        return new Suspects(
                new Moment((Long) answer.get(0), Long.parseLong(answer.get(1).toString())),
                answer.get(2).equals(1L),
                Math.toIntExact((Long) answer.get(3)),
                unmet.subList(0, orphans),
                unmet.subList(orphans, unmet.size()));
    }

    /**
     * A moment in the life of the line.
     *
     * @param ms by the clock of its Redis
     * @param epoch the memory it belongs to; those of two can't be compared
     */
    public record Moment(long ms, long epoch) {}

    /**
     * Tickets that no worker has met, and should have.
     *
     * @param asOf when they were looked for
     * @param rebuilding whether the line lost its memory, and gives no claims until every partition was {@link #seen}
     *     since
     * @param count how many there are
     * @param orphans those that no worker can consume any more, because all that was published since they became
     *     suspect has been consumed
     * @param ofEarlierEpochs others that were drawn in an earlier epoch; where an older memory of Redis came back, the
     *     ledger may have decided them long since
     */
    public record Suspects(
            Moment asOf, boolean rebuilding, int count, List<Drawn> orphans, List<Drawn> ofEarlierEpochs) {}

    /**
     * A ticket that no worker has met.
     *
     * @param ticket the ticket
     * @param orderId whose it is
     */
    public record Drawn(Ticket ticket, UUID orderId) {}

    /**
     * Notes that all records in these partitions, published before a moment, were met: the undecided ones are parked.
     *
     * @param consumed the partitions
     * @param asOf the moment; from {@link Suspects#asOf()}
     * @param partitions how many partitions the topic of fair orders has
     * @return whether a line that lost its memory is whole again by this
     */
    public CompletionStage<Boolean> seen(Collection<Integer> consumed, Moment asOf, int partitions) {
        List<Object> arguments = new ArrayList<>(3 + consumed.size());
        arguments.add(asOf.ms());
        arguments.add(asOf.epoch());
        arguments.add(partitions);
        arguments.addAll(consumed);
        return redis.run(SEEN, List.of(LineKeys.SEEN, LineKeys.STATE), arguments.toArray())
                .thenApply(answer -> answer.get(0).equals(1L));
    }

    /**
     * Takes a ticket out of the line unless it is parked.
     *
     * @return whether it was taken out
     */
    public CompletionStage<Boolean> removeUnlessParked(Drawn drawn) {
        return takeOut(drawn.ticket(), drawn.orderId(), false);
    }

    /**
     * Takes a ticket out of the line whose order the ledger has decided without a claim. Nothing happens if it is not
     * in the line, or is another order's.
     */
    public CompletionStage<Void> remove(Ticket ticket, UUID orderId) {
        return takeOut(ticket, orderId, true).thenAccept(done -> {});
    }

    private CompletionStage<Boolean> takeOut(Ticket ticket, UUID orderId, boolean decided) {
        RMap<String, String> tickets = redis.client().getMap(LineKeys.TICKETS, StringCodec.INSTANCE);
        return tickets.getAsync(ticket.toString())
                .thenCompose(record ->
                        record == null || !TicketRecord.orderId(record).equals(orderId)
                                ? CompletableFuture.completedStage(false)
                                : redis.takeOut(orderId, ticket, TicketRecord.productIds(record), decided));
    }

    /**
     * Releases a run, if there is one, and claims the next.
     *
     * @param handback the run that ends, or null
     * @param inHand a run that this worker holds and has not decided yet, or null: it stays held, and what is claimed
     *     stands behind it, so must not be decided before it. Claims of this worker that are neither end, and can be
     *     claimed again
     * @param most how many orders to claim at most; with 0 nothing is claimed, and, unless a run is in hand, the
     *     keepers of what could be are woken
     * @param kept returns an order that this worker keeps, by its ticket; other orders come from the line
     * @return the next run, or nothing if no order can be claimed now
     */
    public CompletionStage<Optional<Claim>> turn(
            @Nullable FinishedRun handback, @Nullable Claim inHand, int most, Function<Ticket, Optional<Order>> kept) {
        return turn(handback, inHand, most, kept, TURNS_UNTIL_CLAIM);
    }

    /**
     * Notes a fence that the ledger has seen: the next claims get greater ones. Mostly they do anyway, as that fence is
     * of a later claim; not so where a row was changed by hand, or the ledger and the line are not of the same age.
     */
    public void raiseFloor(long fence) {
        floor.accumulateAndGet(fence, Math::max);
    }

    /** Releases a run, and claims the next, for a worker that has no run in hand and keeps no orders. */
    public CompletionStage<Optional<Claim>> turn(@Nullable FinishedRun handback, int most) {
        return turn(handback, null, most, ticket -> Optional.empty());
    }

    private CompletionStage<Optional<Claim>> turn(
            @Nullable FinishedRun handback,
            @Nullable Claim inHand,
            int most,
            Function<Ticket, Optional<Order>> kept,
            int turns) {
        return runTurn(handback, inHand, most).thenCompose(answer -> {
            wanted = texts(answer.get(2)).stream().map(Long::valueOf).toList();
            if (!answer.get(0).equals("")) {
                return claim(answer, kept).thenApply(Optional::of);
            }
            return wanted.isEmpty() || turns == 1
                    ? CompletableFuture.completedStage(Optional.empty())
                    : turn(null, inHand, most, kept, turns - 1);
        });
    }

    private CompletionStage<List<Object>> runTurn(@Nullable FinishedRun handback, @Nullable Claim inHand, int most) {
        Set<Long> products = new LinkedHashSet<>();
        List<Stock> stocks = List.of();
        List<Object> decided = List.of("", "");
        if (handback != null) {
            products.addAll(handback.claim().productIds());
            stocks = handback.stocks();
            if (handback.decided()) {
                decided = decided(handback.claim());
            }
        }
        if (inHand != null) {
            products.addAll(inHand.productIds());
        }
        products.addAll(wanted);
        if (wanted.size() < RECENT_PRODUCTS) { // else these are what the next turn needs, and each key costs
            synchronized (recentProducts) {
                products.addAll(recentProducts.keySet());
            }
        }
        List<String> keys = new ArrayList<>(List.of(
                LineKeys.STATE,
                LineKeys.ORDERS,
                LineKeys.TICKETS,
                LineKeys.PARKED,
                LineKeys.HEADS,
                LineKeys.HELD,
                LineKeys.CLAIMS,
                LineKeys.RUNS,
                LineKeys.CLAIMANTS,
                LineKeys.UNPARKED));
        products.forEach(productId -> keys.add(LineKeys.queue(productId)));
        stocks.forEach(stock -> keys.add(RedisStockCache.key(stock.productId())));
        List<Object> arguments = new ArrayList<>(10 + decided.size());
        arguments.add(worker);
        arguments.add(properties.lease().toMillis());
        arguments.add(most);
        arguments.add(LineKeys.WAKE_CHANNEL);
        arguments.add(handback == null ? "" : handback.claim().fence());
        arguments.add(inHand == null ? "" : inHand.fence());
        arguments.add(products.stream().map(String::valueOf).collect(Collectors.joining(",")));
        arguments.add(stocks.stream()
                .map(stock -> stock.productId() + ":" + stock.quantity() + ":" + stock.version())
                .collect(Collectors.joining(",")));
        arguments.add(handback == null ? 0 : handback.claim().claimedAt());
        arguments.add(floor);
        arguments.addAll(decided);
        return redis.run(TURN, keys, arguments.toArray());
    }

    private static List<Object> decided(Claim claim) {
        StringJoiner tickets = new StringJoiner(",");
        StringJoiner orderIds = new StringJoiner(",");
        Map<Long, List<String>> byProduct = new TreeMap<>();
        for (Claimed claimed : claim.orders()) {
            String ticket = claimed.ticket().toString();
            tickets.add(ticket);
            orderIds.add(claimed.order().id().toString());
            claimed.order().productIds().forEach(productId -> byProduct
                    .computeIfAbsent(productId, key -> new ArrayList<>())
                    .add(ticket));
        }
        List<Object> arguments = new ArrayList<>(2 + 2 * byProduct.size());
        arguments.add(tickets);
        arguments.add(orderIds);
        byProduct.forEach((productId, wanting) -> {
            arguments.add(productId);
            arguments.add(wanting.size() == claim.orders().size() ? ALL : String.join(",", wanting));
        });
        return arguments;
    }

    private void remember(Collection<Long> productIds) {
        synchronized (recentProducts) {
            productIds.forEach(productId -> recentProducts.put(productId, true));
        }
    }

    /** Reads the claim of a turn's answer; asks for the records of orders that were kept here and are not any more. */
    private CompletionStage<Claim> claim(List<Object> answer, Function<Ticket, Optional<Order>> kept) {
        List<Claimed> claimed = new ArrayList<>();
        Set<String> missing = new HashSet<>();
        for (String number : texts(answer.get(4))) {
            Ticket ticket = Ticket.parse(number);
            kept.apply(ticket)
                    .ifPresentOrElse(
                            order -> claimed.add(new Claimed(ticket, worker, order)), () -> missing.add(number));
        }
        for (int i = 5; i < answer.size(); i += 3) {
            Ticket ticket = Ticket.parse(answer.get(i));
            String keeper = answer.get(i + 1).toString();
            claimed.add(
                    new Claimed(ticket, keeper, order(ticket, answer.get(i + 2).toString())));
        }
        return records(missing).thenApply(records -> {
            for (String number : missing) {
                Ticket ticket = Ticket.parse(number);
                String record = records.get(number);
                if (record == null) {
                    throw new IllegalStateException("ticket " + ticket + " was claimed and has no record any more");
                }
                claimed.add(new Claimed(ticket, worker, order(ticket, record)));
            }
            claimed.sort(Comparator.comparing(Claimed::ticket));
            return new Claim(
                    Long.parseLong(answer.get(0).toString()),
                    (Long) answer.get(1),
                    answer.get(3).equals(1L),
                    claimed);
        });
    }

    /** What is joined by commas; nothing of an empty text. */
    private static List<String> texts(Object joined) {
        String text = joined.toString();
        return text.isEmpty() ? List.of() : List.of(text.split(",", -1));
    }

    private CompletionStage<Map<String, String>> records(Set<String> tickets) {
        RMap<String, String> records = redis.client().getMap(LineKeys.TICKETS, StringCodec.INSTANCE);
        return tickets.isEmpty() ? CompletableFuture.completedStage(Map.of()) : records.getAllAsync(tickets);
    }

    private static Order order(Ticket ticket, String record) {
        try {
            return TicketRecord.order(record);
        } catch (UnreadableMessageException e) {
            throw new IllegalStateException("the record of ticket " + ticket + " can't be read by this build", e);
        }
    }

    private RTopic topic(String keeper) {
        return redis.client().getTopic(LineKeys.WAKE_CHANNEL + keeper, StringCodec.INSTANCE);
    }
}
