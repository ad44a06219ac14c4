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
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * The orders of a worker that wait for the lock of their products. What this worker has asked for, or holds, it does not ask
 * for again: orders that come meanwhile gather, and go together.
 *
 * <p>Nobody starves: an order that is passed over because one of its products is not free keeps its other products from
 * all younger ones; and a product that this worker has had for a while rests for so long that another worker, which tries
 * again and again, gets at it.
 *
 * <p>Safe for use by any thread.
 */
final class Backlog {

    /** After how long in a row a product rests. */
    static final Duration LONGEST_STREAK = Duration.ofSeconds(1);

    private final Duration rest;
    private final LongSupplier nanoTime;

    private final TreeMap<Long, Order> waiting = new TreeMap<>();
    private final Set<Long> claimed = new HashSet<>();
    private final Map<Long, Long> restingUntil = new HashMap<>();

    /** Since when a product has been claimed by this worker, but for moments. */
    private final Map<Long, Long> streaks = new HashMap<>();

    private long oldest;
    private long youngest;

    /**
     * Makes a backlog.
     *
     * @param rest how long another worker may take to try again
     * @param nanoTime the clock
     */
    Backlog(Duration rest, LongSupplier nanoTime) {
        this.rest = rest;
        this.nanoTime = nanoTime;
    }

    /** Takes in new orders, behind all others. */
    synchronized void add(Collection<Order> orders) {
        orders.forEach(order -> waiting.put(++youngest, order));
    }

    /** Takes orders back, before all others. */
    synchronized void putBack(List<Order> orders) {
        for (int i = orders.size() - 1; i >= 0; i--) {
            waiting.put(--oldest, orders.get(i));
        }
    }

    synchronized int size() {
        return waiting.size();
    }

    /**
     * Hands out orders whose products are free, oldest first, and claims those.
     *
     * @return in components, which share no product
     */
    synchronized List<List<Order>> claim(int most) {
        long now = nanoTime.getAsLong();
        restingUntil.values().removeIf(until -> until - now <= 0);
        Set<Long> notFree = new HashSet<>(claimed);
        notFree.addAll(restingUntil.keySet());
        List<Order> free = new ArrayList<>();
        Iterator<Order> orders = waiting.values().iterator();
        while (orders.hasNext() && free.size() < most) {
            Order order = orders.next();
            List<Long> productIds = order.productIds();
            if (productIds.stream().anyMatch(notFree::contains)) {
                notFree.addAll(productIds);
            } else {
                free.add(order);
                orders.remove();
            }
        }
        for (Order order : free) {
            for (long productId : order.productIds()) {
                claimed.add(productId);
                streaks.putIfAbsent(productId, now);
            }
        }
        return Components.of(free);
    }

    /** Hands out more orders that want nothing but products which the caller has claimed. */
    synchronized List<Order> claimMore(Set<Long> productIds, int most) {
        List<Order> more = new ArrayList<>();
        Iterator<Order> orders = waiting.values().iterator();
        while (orders.hasNext() && more.size() < most) {
            Order order = orders.next();
            if (productIds.containsAll(order.productIds())) {
                more.add(order);
                orders.remove();
            }
        }
        return more;
    }

    /** Frees products, which rest if that was their {@link #LONGEST_STREAK}. */
    synchronized void free(Set<Long> productIds) {
        claimed.removeAll(productIds);
        long now = nanoTime.getAsLong();
        Set<Long> wanted = new HashSet<>();
        waiting.values().forEach(order -> wanted.addAll(order.productIds()));
        for (long productId : productIds) {
            Long since = streaks.get(productId);
            boolean isLong = since != null && now - since > LONGEST_STREAK.toNanos();
            if (isLong) {
                restingUntil.put(productId, now + rest.toNanos());
            }
            if (isLong || !wanted.contains(productId)) {
                streaks.remove(productId);
            }
        }
    }

    /** Frees products, which rest for a time. */
    synchronized void free(Set<Long> productIds, Duration theirRest) {
        free(productIds);
        if (!theirRest.isZero()) {
            long until = nanoTime.getAsLong() + theirRest.toNanos();
            productIds.forEach(productId -> restingUntil.put(productId, until));
        }
    }

    /** How long until the next product has rested, if any rests. */
    synchronized Optional<Duration> nextRested() {
        long now = nanoTime.getAsLong();
        return restingUntil.values().stream()
                .map(until -> Duration.ofNanos(Math.max(0, until - now)))
                .min(Duration::compareTo);
    }
}
