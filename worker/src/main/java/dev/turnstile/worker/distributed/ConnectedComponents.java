package dev.turnstile.worker.distributed;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Groups orders by the products they share: two orders of different groups have no product in common. */
final class ConnectedComponents {

    private final Map<Long, Long> parents = new HashMap<>();

    private ConnectedComponents() {}

    /**
     * The groups, each with its orders as they came.
     *
     * @param productIdsOf what an order wants, at least one product
     */
    static <T> List<List<T>> of(List<T> orders, Function<T, List<Long>> productIdsOf) {
        ConnectedComponents products = new ConnectedComponents();
        for (T order : orders) {
            List<Long> productIds = productIdsOf.apply(order);
            for (int i = 1; i < productIds.size(); i++) {
                products.join(productIds.get(0), productIds.get(i));
            }
        }
        Map<Long, List<T>> groups = new LinkedHashMap<>();
        for (T order : orders) {
            groups.computeIfAbsent(products.root(productIdsOf.apply(order).get(0)), root -> new ArrayList<>())
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
