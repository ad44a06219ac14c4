package dev.turnstile.local.replay;

import dev.turnstile.order.Order;
import org.jspecify.annotations.Nullable;

/**
 * An order as it was recorded.
 *
 * @param order the order
 * @param timestampMs of its record, milliseconds since 1970
 * @param key of its record, or null
 */
record TopicOrder(Order order, long timestampMs, @Nullable String key) {}
