package dev.turnstile.worker.distributed;

import dev.turnstile.order.Order;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Groups orders by the products they share: two orders of different groups have no product in common. */
final class Components {

    private final Map<Long, Long> parents = new HashMap<>();

    private Components() {}

    /** The groups, each with its orders as they came. */
    static List<List<Order>> of(List<Order> orders) {
        Components products = new Components();
        for (Order order : orders) {
            long first = order.productIds().get(0);
            order.productIds().forEach(productId -> products.join(first, productId));
        }
        Map<Long, List<Order>> groups = new LinkedHashMap<>();
        for (Order order : orders) {
            groups.computeIfAbsent(products.root(order.productIds().get(0)), root -> new ArrayList<>())
                    .add(order);
        }
        return List.copyOf(groups.values());
    }

    private void join(long a, long b) {
        parents.put(root(b), root(a));
    }

    private long root(long product) {
        long at = product;
        while (true) {
            long parent = parents.computeIfAbsent(at, self -> self);
            if (parent == at) {
                return at;
            }
            long grandparent = parents.computeIfAbsent(parent, self -> self);
            parents.put(at, grandparent);
            at = grandparent;
        }
    }
}
