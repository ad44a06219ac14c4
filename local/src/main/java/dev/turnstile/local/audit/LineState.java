package dev.turnstile.local.audit;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All keys of the ticket line, as they were read one after the other: on a line that moves they don't quite fit
 * together. Members are kept as the text in Redis, as a ticket in another form is another ticket.
 *
 * @param nowMs the time of Redis, ms since 1970
 * @param state epoch, seq, fence
 * @param orders order id → ticket
 * @param tickets ticket → what stands under it
 * @param queues product → ticket → score
 * @param parked ticket → keeper
 * @param heads ticket → score
 * @param unparked ticket → time of the draw, ms since 1970
 * @param held product → fence
 * @param claims fence → end of its lease, ms since 1970
 * @param runs fence → products
 */
record LineState(
        long nowMs,
        Map<String, String> state,
        Map<String, String> orders,
        Map<String, Entry> tickets,
        Map<Long, Map<String, Double>> queues,
        Map<String, String> parked,
        Map<String, Double> heads,
        Map<String, Double> unparked,
        Map<String, String> held,
        Map<String, Double> claims,
        Map<String, List<String>> runs) {

    /**
     * What stands under a ticket.
     *
     * @param orderId its order, empty if the record can't be read
     * @param products its products
     */
    record Entry(String orderId, List<Long> products) {

        private static final int FIELDS = 4;

        /** Reads {@code products|order id|drawer|JSON}. */
        static Entry read(String record) {
            String[] fields = record.split("\\|", FIELDS);
            try {
                if (fields.length == FIELDS) {
                    List<Long> products = List.of(fields[0].split(",")).stream()
                            .map(Long::valueOf)
                            .toList();
                    return new Entry(fields[1], products);
                }
            } catch (NumberFormatException e) {
                // no product ids
            }
            return new Entry("", List.of());
        }
    }

    /** The ticket at the head of a product's queue, or null if the queue is empty. */
    @Nullable String head(long productId) {
        return queues.getOrDefault(productId, Map.of()).entrySet().stream()
                .min(Map.Entry.<String, Double>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .orElse(null);
    }
}
