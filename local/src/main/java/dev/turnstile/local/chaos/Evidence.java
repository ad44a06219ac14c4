package dev.turnstile.local.chaos;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What there is to judge a run by.
 *
 * @param history of all clients
 * @param rows of all orders of the run, in the order of their commits
 * @param shelves of all products that were set to some stock
 * @param faults that struck
 * @param published the records of fair orders, those of a partition in their order
 * @param hostile what was put into the topics, by the order ids in it
 */
record Evidence(
        List<Exchange> history,
        List<LedgerRow> rows,
        List<ProductStock> shelves,
        List<InjectedFault> faults,
        List<Published> published,
        Map<UUID, HostileRecord> hostile) {

    /** A record of a fair order with a ticket. */
    record Published(int partition, UUID orderId, long ticket) {}

    /** Copies the collections. */
    Evidence {
        history = List.copyOf(history);
        rows = List.copyOf(rows);
        shelves = List.copyOf(shelves);
        faults = List.copyOf(faults);
        published = List.copyOf(published);
        hostile = Map.copyOf(hostile);
    }

    /** The rows by order. */
    Map<UUID, LedgerRow> rowsById() {
        Map<UUID, LedgerRow> byId = new HashMap<>();
        rows.forEach(row -> byId.put(row.orderId(), row));
        return byId;
    }

    /**
     * When a request's content was first sent by its client: under an idempotency key, its order may be that of an
     * earlier one.
     */
    Sent sent() {
        Map<String, Long> byKey = new HashMap<>();
        for (Exchange exchange : history) {
            if (exchange.isOrder() && exchange.key() != null) {
                byKey.merge(exchange.key(), exchange.sentMs(), Math::min);
            }
        }
        Map<UUID, Long> byOrder = new HashMap<>();
        for (Exchange exchange : history) {
            if (exchange.isOrder() && exchange.orderId() != null) {
                byOrder.merge(exchange.orderId(), Sent.at(exchange, byKey), Math::min);
            }
        }
        return new Sent(byKey, byOrder);
    }

    /** When requests and orders were first sent. */
    record Sent(Map<String, Long> byKey, Map<UUID, Long> byOrder) {

        private static long at(Exchange exchange, Map<String, Long> byKey) {
            return exchange.key() == null ? exchange.sentMs() : byKey.getOrDefault(exchange.key(), exchange.sentMs());
        }

        /** Of a request that orders. */
        long at(Exchange exchange) {
            return at(exchange, byKey);
        }

        /** Of an order; null if no client received its id. */
        @Nullable Long at(UUID orderId) {
            return byOrder.get(orderId);
        }
    }
}
