package dev.turnstile.worker.distributed;

import dev.turnstile.order.Order;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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

    /**
     * Orders that go together.
     *
     * @param orders share products, directly or over others
     * @param productIds all that they want
     * @param patience how long the lock may take
     */
    record Component(List<Order> orders, Set<Long> productIds, Duration patience) {}

    private record Waiting(Order order, long since) {}

    private final Duration patience;
    private final Duration rest;
    private final LongSupplier nanoTime;

    private final TreeMap<Long, Waiting> waiting = new TreeMap<>();
    private final Set<Long> claimed = new HashSet<>();
    private final Map<Long, Long> restingUntil = new HashMap<>();

    /** Since when this worker has had the lock of a product, but for moments. */
    private final Map<Long, Long> streaks = new HashMap<>();

    /** Since when the lock of a product was asked for and not won. */
    private final Map<Long, Long> wantedSince = new HashMap<>();

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
        long now = nanoTime.getAsLong();
        orders.forEach(order -> waiting.put(++youngest, new Waiting(order, now)));
    }

    /** Takes orders back, before all others. */
    synchronized void putBack(List<Order> orders) {
        long now = nanoTime.getAsLong();
        for (int i = orders.size() - 1; i >= 0; i--) {
            waiting.put(--oldest, new Waiting(orders.get(i), now));
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
    synchronized List<Component> claim(int most) {
        long now = nanoTime.getAsLong();
        restingUntil.values().removeIf(until -> until - now <= 0);
        Set<Long> notFree = new HashSet<>(claimed);
        notFree.addAll(restingUntil.keySet());
        Map<Order, Long> free = new LinkedHashMap<>();
        Iterator<Waiting> next = waiting.values().iterator();
        while (next.hasNext() && free.size() < most) {
            Waiting candidate = next.next();
            List<Long> productIds = candidate.order().productIds();
            if (productIds.stream().anyMatch(notFree::contains)) {
                notFree.addAll(productIds);
            } else if (free.putIfAbsent(candidate.order(), candidate.since()) == null) {
                next.remove();
            }
        }
        return Components.of(List.copyOf(free.keySet())).stream()
                .map(orders -> claim(orders, free, now))
                .toList();
    }

    private Component claim(List<Order> orders, Map<Order, Long> since, long now) {
        Set<Long> productIds = new TreeSet<>();
        orders.forEach(order -> productIds.addAll(order.productIds()));
        long waited = 0;
        for (Order order : orders) {
            waited = Math.max(waited, now - since.getOrDefault(order, now));
        }
        for (long productId : productIds) {
            claimed.add(productId);
            waited = Math.min(waited, now - wantedSince.computeIfAbsent(productId, id -> now));
        }
        Duration left = patience.minusNanos(waited);
        return new Component(orders, productIds, left.isNegative() ? Duration.ZERO : left);
    }

    /** Notes that the lock of products was won: whoever waits for it has not waited in vain so far. */
    synchronized void won(Set<Long> productIds) {
        wantedSince.keySet().removeAll(productIds);
        long now = nanoTime.getAsLong();
        productIds.forEach(productId -> streaks.putIfAbsent(productId, now));
    }

    /** Hands out more orders that want nothing but products which the caller has claimed. */
    synchronized List<Order> claimMore(Set<Long> productIds, int most) {
        List<Order> more = new ArrayList<>();
        Iterator<Waiting> next = waiting.values().iterator();
        while (next.hasNext() && more.size() < most) {
            Order order = next.next().order();
            if (productIds.containsAll(order.productIds())) {
                more.add(order);
                next.remove();
            }
        }
        return more;
    }

    /** Frees products, which rest if that was their {@link #LONGEST_STREAK}. */
    synchronized void free(Set<Long> productIds) {
        claimed.removeAll(productIds);
        long now = nanoTime.getAsLong();
        Set<Long> wanted = new HashSet<>();
        waiting.values().forEach(each -> wanted.addAll(each.order().productIds()));
        for (long productId : productIds) {
            Long since = streaks.get(productId);
            boolean isLong = since != null && now - since > LONGEST_STREAK.toNanos();
            if (isLong) {
                restingUntil.put(productId, now + rest.toNanos());
            }
            if (isLong || !wanted.contains(productId)) {
                streaks.remove(productId);
            }
            if (!wanted.contains(productId)) {
                wantedSince.remove(productId);
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
