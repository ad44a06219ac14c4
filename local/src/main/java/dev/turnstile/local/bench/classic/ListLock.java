package dev.turnstile.local.bench.classic;

import java.util.Iterator;
import java.util.List;
import java.util.ListIterator;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.redisson.api.RBatch;
import org.redisson.api.RQueue;
import org.redisson.api.RQueueAsync;
import org.redisson.api.RTopic;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;

/**
 * The fair lock of the classic way: a Redis list per product. An order appends its id, and the order at the head holds
 * the lock. Who is done takes itself off and publishes on a channel that everyone hears, and everyone looks again
 * whether they are at the head now. In case a message is lost, they look once a second as well.
 *
 * <p>An order joins the list of one product and waits for its head before it joins the next one, in ascending order;
 * else two orders could wait for each other.
 *
 * <p>It does not guarantee this: the order of the list is the order in which consumers appended, not that in which
 * customers asked; a consumer that dies leaves its orders in the lists and all behind them wait for good. N waiting
 * orders cost N checks for each one that is done.
 */
final class ListLock implements ClassicLock {

    private static final String LIST_PREFIX = "classic:queue:";

    private static final String CHANNEL = "classic:released";
    private static final long LOOK_INTERVAL_MS = 1_000;

    private final RedissonClient redis;
    private final RedissonClient tail;
    private final RTopic released;
    private final int listener;
    private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "classic-look");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * Subscribes; the clients are the caller's to close.
     *
     * @param redis for all but this:
     * @param tail appends to the lists; it has a single connection, so that orders are in the list as they were
     *     consumed
     */
    ListLock(RedissonClient redis, RedissonClient tail) {
        this.redis = redis;
        this.tail = tail;
        this.released = redis.getTopic(CHANNEL, StringCodec.INSTANCE);
        this.listener = released.addListener(String.class, (channel, message) -> everyoneLooks());
        Future<?> unused = timer.scheduleWithFixedDelay(
                this::everyoneLooks, LOOK_INTERVAL_MS, LOOK_INTERVAL_MS, TimeUnit.MILLISECONDS);
    }

    /**
     * Each waiter asks for the head of its list. All ask in one pipeline, as the one connection of a Node client has
     * it.
     */
    private void everyoneLooks() {
        RBatch pipeline = redis.createBatch();
        int looks = 0;
        for (Waiter waiter : waiters) {
            waiter.look(pipeline.getQueue(waiter.list, StringCodec.INSTANCE));
            looks++;
        }
        if (looks > 0) {
            Future<?> unused = pipeline.executeAsync().toCompletableFuture();
        }
    }

    @Override
    public CompletableFuture<Held> acquire(UUID orderId, List<Long> productIds) {
        return joinNext(orderId.toString(), productIds.iterator()).thenApply(done -> () -> release(productIds));
    }

    private CompletableFuture<Void> joinNext(String ticket, Iterator<Long> productIds) {
        if (!productIds.hasNext()) {
            return CompletableFuture.completedFuture(null);
        }
        String list = LIST_PREFIX + productIds.next();
        Waiter waiter = new Waiter(list, ticket);
        RQueue<String> queue = tail.getQueue(list, StringCodec.INSTANCE);
        return queue.offerAsync(ticket)
                .toCompletableFuture()
                .thenCompose(joined -> waiter.awaitHead())
                .thenCompose(atHead -> joinNext(ticket, productIds));
    }

    private CompletableFuture<Void> release(List<Long> productIds) {
        CompletableFuture<?> left = CompletableFuture.completedFuture(null);
        for (ListIterator<Long> last = productIds.listIterator(productIds.size()); last.hasPrevious(); ) {
            RQueue<String> list = redis.getQueue(LIST_PREFIX + last.previous(), StringCodec.INSTANCE);
            left = left.thenCompose(before -> list.pollAsync());
        }
        return left.thenCompose(all -> released.publishAsync("")).thenAccept(receivers -> {});
    }

    @Override
    public void close() {
        timer.shutdownNow();
        released.removeListener(listener);
    }

    /** An order that waits for the head of one list. */
    private final class Waiter {

        private final String list;
        private final String ticket;
        private final CompletableFuture<Void> atHead = new CompletableFuture<>();

        Waiter(String list, String ticket) {
            this.list = list;
            this.ticket = ticket;
        }

        CompletableFuture<Void> awaitHead() {
            // It listens before it looks, so that no release falls in between.
            waiters.add(this);
            look(redis.getQueue(list, StringCodec.INSTANCE));
            return atHead;
        }

        void look(RQueueAsync<String> queue) {
            queue.peekAsync().whenComplete((head, failure) -> {
                // The next check makes up for a failed one.
                if (failure == null && ticket.equals(head)) {
                    waiters.remove(this);
                    atHead.complete(null);
                }
            });
        }
    }
}
