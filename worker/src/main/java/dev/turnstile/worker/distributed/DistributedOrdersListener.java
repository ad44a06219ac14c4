package dev.turnstile.worker.distributed;

import dev.turnstile.order.Decision;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderJson.UnreadableMessageException;
import dev.turnstile.order.Outcome;
import dev.turnstile.redlock.Lease;
import dev.turnstile.redlock.Redlock;
import dev.turnstile.stock.Decided;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.Run;
import dev.turnstile.stock.StaleFenceException;
import dev.turnstile.stock.StockCache;
import dev.turnstile.worker.WorkerProperties;
import dev.turnstile.worker.reply.DeadLetters;
import dev.turnstile.worker.reply.Replies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.listener.BatchMessageListener;

/**
 * Decides batches of distributed orders. A batch falls into components that share no product; each takes one lock and one
 * transaction, so that rivals are workers and not orders. What fails is delivered again, and the ledger answers what it
 * had decided before with the stored outcome.
 */
final class DistributedOrdersListener implements BatchMessageListener<String, byte[]>, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DistributedOrdersListener.class);

    /** How long an order waits for the cache to be written. */
    private static final Duration CACHE_PATIENCE = Duration.ofMillis(250);

    private final Redlock lock;
    private final Duration lease;
    private final Ledger ledger;
    private final StockCache cache;
    private final Replies replies;
    private final DeadLetters deadLetters;
    private final WorkerProperties properties;
    private final ExecutorService components;

    /**
     * Makes a listener.
     *
     * @param lease how long a lease of the lock lasts unless it is extended
     */
    DistributedOrdersListener(
            Redlock lock,
            Duration lease,
            Ledger ledger,
            StockCache cache,
            Replies replies,
            DeadLetters deadLetters,
            WorkerProperties properties) {
        this.lock = lock;
        this.lease = lease;
        this.ledger = ledger;
        this.cache = cache;
        this.replies = replies;
        this.deadLetters = deadLetters;
        this.properties = properties;
        this.components =
                Executors.newFixedThreadPool(properties.parallelism(), task -> new Thread(task, "distributed-decider"));
    }

    @Override
    public void onMessage(List<ConsumerRecord<String, byte[]>> records) {
        List<Order> orders = new ArrayList<>(records.size());
        for (ConsumerRecord<String, byte[]> record : records) {
            try {
                orders.add(OrderJson.readOrder(record.value()));
            } catch (UnreadableMessageException | IllegalArgumentException e) {
                deadLetters.setAside(record, String.valueOf(e.getMessage()));
            }
        }
        List<CompletableFuture<Void>> answered = Components.of(orders).stream()
                .map(component -> CompletableFuture.supplyAsync(() -> decide(component), components)
                        .thenCompose(decisions -> answer(component, decisions)))
                .toList();
        CompletableFuture.allOf(answered.toArray(CompletableFuture[]::new)).join();
    }

    private List<Decision> decide(List<Order> orders) {
        Set<Long> productIds = new TreeSet<>();
        orders.forEach(order -> productIds.addAll(order.productIds()));
        List<Run.Entry> entries =
                orders.stream().map(order -> new Run.Entry(order, null)).toList();
        while (true) {
            Optional<Lease> won = lock.acquire(productIds, properties.lockWait())
                    .toCompletableFuture()
                    .join();
            if (won.isEmpty()) {
                log.warn(
                        "the lock of {} products was not won in {}: {} orders are refused as unavailable",
                        productIds.size(),
                        properties.lockWait(),
                        orders.size());
                return ledger.refuse(entries, new Outcome.Unavailable("the lock was not won in time"));
            }
            try {
                return decide(entries, won.get());
            } catch (StaleFenceException e) {
                log.info("{} orders are decided under a new lease: {}", orders.size(), e.getMessage());
                lock.raiseFloor(e.last());
            } finally {
                won.get().release();
            }
        }
    }

    private List<Decision> decide(List<Run.Entry> entries, Lease held) {
        try (Ledger.Session session = ledger.open(lease)) {
            Decided decided = session.decide(new Run(Run.Guard.LOCK, held.token(), entries));
            writeCache(decided);
            return decided.decisions();
        }
    }

    /** Before the lock is released and anyone is answered; but a cache that is away holds up no order for long. */
    private void writeCache(Decided decided) {
        try {
            cache.write(decided.stocks())
                    .toCompletableFuture()
                    .orTimeout(CACHE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        } catch (CompletionException e) {
            log.warn("the cache was not written: {}", String.valueOf(e.getCause()));
        }
    }

    private CompletableFuture<Void> answer(List<Order> orders, List<Decision> decisions) {
        List<CompletableFuture<Void>> sent = new ArrayList<>(orders.size());
        for (int i = 0; i < orders.size(); i++) {
            sent.add(replies.send(decisions.get(i), orders.get(i).replyTo()));
        }
        return CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new));
    }

    @Override
    public void close() {
        components.shutdown();
    }
}
