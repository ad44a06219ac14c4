package dev.turnstile.worker.distributed;

import dev.turnstile.order.Order;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The orders of a worker that wait for the lock of their products. What this worker has asked for, or holds, it does
 * not ask for again: orders that come meanwhile gather, and go together.
 *
 * <p>No order starves: an order that is skipped because one of its products is not free keeps its other products from
 * all younger ones; and a product that this worker has had for a while rests for so long that another worker, which
 * tries again and again, gets at it.
 *
 * <p>Safe for use by any thread.
 */
final class Backlog {

    /** After how long in a row a product rests. */
    static final Duration LONGEST_STREAK = Duration.ofSeconds(1);

    /**
     * Orders that go together.
     *
     * @param orders share products, directly or over others
     * @param productIds all that they want
     * @param patience how long the lock may take
     */
    record Component(List<Order> orders, Set<Long> productIds, Duration patience) {}

    private record Waiting(Order order, List<Long> productIds, long since) {}

    /** The state of a product that an order waits for, or whose lock this worker has or wants. */
    private static final class Product {
        /** Orders that wait and want it. */
        private int waiting;
        /** Whether its lock is asked for or held. */
        private boolean claimed;
        /** Until when this worker does not request its lock. */
        private @Nullable Long restsUntil;
        /** Since when this worker has had its lock, but for moments. */
        private @Nullable Long hadSince;
        /** Since when its lock was asked for and not won. */
        private @Nullable Long wantedSince;

        boolean isOfNoInterest() {
            return waiting == 0 && !claimed && restsUntil == null;
        }
    }

    private final Duration patience;
    private final Duration rest;
    private final LongSupplier nanoTime;

    private final TreeMap<Long, Waiting> waiting = new TreeMap<>();
    private final Map<Long, Product> products = new HashMap<>();
    private long oldest;
    private long youngest;

    /**
     * Makes a backlog.
     *
     * @param patience how long an order waits while the lock of its products can't be won
     * @param rest how long another worker may take to try again
     * @param nanoTime the clock
     */
    Backlog(Duration patience, Duration rest, LongSupplier nanoTime) {
        this.patience = patience;
        this.rest = rest;
        this.nanoTime = nanoTime;
    }

    /** Takes in new orders, behind all others. */
    synchronized void add(Collection<Order> orders) {
        orders.forEach(order -> enqueue(++youngest, order));
    }

    /** Takes orders back, before all others. */
    synchronized void putBack(List<Order> orders) {
        for (int i = orders.size() - 1; i >= 0; i--) {
            enqueue(--oldest, orders.get(i));
        }
    }

    private void enqueue(long place, Order order) {
        Waiting newcomer = new Waiting(order, order.productIds(), nanoTime.getAsLong());
        waiting.put(place, newcomer);
        for (long productId : newcomer.productIds()) {
            known(productId).waiting++;
        }
    }

    private void dequeued(Waiting one) {
        one.productIds().forEach(productId -> known(productId).waiting--);
    }

    private Product known(long productId) {
        return products.computeIfAbsent(productId, id -> new Product());
    }

    synchronized int size() {
        return waiting.size();
    }

    /**
     * Hands out orders whose products are free, oldest first, and claims those.
     *
     * @return in components, which share no product
     */
    synchronized List<Component> claim(int most) {
        long now = nanoTime.getAsLong();
        Set<Long> kept = new HashSet<>();
        List<Waiting> free = new ArrayList<>();
        Iterator<Waiting> next = waiting.values().iterator();
        while (next.hasNext() && free.size() < most) {
            Waiting candidate = next.next();
            if (candidate.productIds().stream()
                    .allMatch(productId -> !kept.contains(productId) && isFree(productId, now))) {
                free.add(candidate);
                next.remove();
                dequeued(candidate);
            } else {
                kept.addAll(candidate.productIds());
            }
        }
        return ConnectedComponents.of(free, Waiting::productIds).stream()
                .map(group -> claim(group, now))
                .toList();
    }

    private boolean isFree(long productId, long now) {
        Product product = known(productId);
        return !product.claimed && (product.restsUntil == null || product.restsUntil - now <= 0);
    }

    private Component claim(List<Waiting> group, long now) {
        List<Order> orders = new ArrayList<>(group.size());
        Set<Long> productIds = new TreeSet<>();
        long waited = 0;
        for (Waiting one : group) {
            orders.add(one.order());
            productIds.addAll(one.productIds());
            waited = Math.max(waited, now - one.since());
        }
        for (long productId : productIds) {
            Product product = known(productId);
            product.claimed = true;
            product.restsUntil = null;
            if (product.wantedSince == null) {
                product.wantedSince = now;
            }
            waited = Math.min(waited, now - product.wantedSince);
        }
        Duration left = patience.minusNanos(waited);
        return new Component(orders, productIds, left.isNegative() ? Duration.ZERO : left);
    }

    /** Notes that the lock of products was acquired: the orders that wait for it have not waited in vain so far. */
    synchronized void won(Set<Long> productIds) {
        long now = nanoTime.getAsLong();
        for (long productId : productIds) {
            Product product = known(productId);
            product.wantedSince = null;
            if (product.hadSince == null) {
                product.hadSince = now;
            }
        }
    }

    /**
     * Notes that the orders that waited for these products waited for something else than their lock: the wait begins
     * again.
     */
    synchronized void waitsAnew(Set<Long> productIds) {
        productIds.forEach(productId -> known(productId).wantedSince = null);
    }

    /** Hands out more orders that want nothing but products which the caller has claimed. */
    synchronized List<Order> claimMore(Set<Long> productIds, int most) {
        List<Order> more = new ArrayList<>();
        int wanted = productIds.stream()
                .mapToInt(productId -> known(productId).waiting)
                .sum();
        Iterator<Waiting> next = waiting.values().iterator();
        while (wanted > 0 && next.hasNext() && more.size() < most) {
            Waiting one = next.next();
            if (productIds.containsAll(one.productIds())) {
                more.add(one.order());
                next.remove();
                dequeued(one);
            }
        }
        return more;
    }

    /** Frees products, which rest for a time, and for longer if that was their {@link #LONGEST_STREAK}. */
    synchronized void free(Set<Long> productIds, Duration theirRest) {
        long now = nanoTime.getAsLong();
        for (long productId : productIds) {
            Product product = known(productId);
            product.claimed = false;
            boolean hadForLong = product.hadSince != null && now - product.hadSince > LONGEST_STREAK.toNanos();
            Duration rests = hadForLong && rest.compareTo(theirRest) > 0 ? rest : theirRest;
            if (hadForLong) {
                product.hadSince = null;
            }
            if (!rests.isZero()) {
                product.restsUntil = now + rests.toNanos();
            }
            if (product.isOfNoInterest()) {
                products.remove(productId);
            }
        }
    }

    /** How long until the next product has rested, if any rests. */
    synchronized Optional<Duration> nextRested() {
        long now = nanoTime.getAsLong();
        products.values().removeIf(product -> {
            if (product.restsUntil != null && product.restsUntil - now <= 0) {
                product.restsUntil = null;
            }
            return product.isOfNoInterest();
        });
        return products.values().stream()
                .map(product -> product.restsUntil)
                .filter(Objects::nonNull)
                .map(until -> Duration.ofNanos(until - now))
                .min(Duration::compareTo);
    }
}
