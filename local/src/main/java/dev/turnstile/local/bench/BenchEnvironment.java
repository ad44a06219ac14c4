package dev.turnstile.local.bench;

import com.github.f4b6a3.uuid.factory.standard.TimeOrderedEpochFactory;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * The system under test and ways to it.
 *
 * @param run ends with itself what a suite starts beside it
 * @param ledger connections to its database
 * @param line its ticket line and cache
 * @param feed puts orders into it
 * @param shelves stocks it
 */
record BenchEnvironment(
        RunFolder run,
        TurnstileSystem system,
        DataSource ledger,
        LineAccess line,
        OrderFeed feed,
        ProductStocking shelves) {

    private static final String WORKERS = "workers";

    /** As an API makes them. Random ones cost MySQL a fifth more for each row. */
    private static final TimeOrderedEpochFactory ORDER_IDS = new TimeOrderedEpochFactory();

    ServerAddresses servers() {
        return system.addresses().servers();
    }

    /** Processor time of each process so far, workers together; empty where the system does not report it. */
    Map<String, Duration> cpu() {
        Map<String, Duration> used = new LinkedHashMap<>();
        system.cpu()
                .forEach((name, duration) ->
                        used.merge(name.startsWith("worker-") ? WORKERS : name, duration, Duration::plus));
        return used;
    }

    /** What was used between two looks. */
    static Map<String, Duration> difference(Map<String, Duration> before, Map<String, Duration> after) {
        Map<String, Duration> used = new LinkedHashMap<>();
        after.forEach((name, duration) -> used.put(name, duration.minus(before.getOrDefault(name, Duration.ZERO))));
        return used;
    }

    /** New orders for some goods. */
    static List<Order> orders(int count, Mode mode, Goods goods, RandomGenerator random) {
        return Stream.generate(() -> order(mode, goods.lines(random)))
                .limit(count)
                .toList();
    }

    static Order order(Mode mode, List<OrderLine> lines) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        return new Order(ORDER_IDS.create(), mode, lines, now, OrderFeed.NOBODY, null);
    }
}
