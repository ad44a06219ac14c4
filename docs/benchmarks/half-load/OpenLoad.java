package dev.turnstile.local.bench;

import dev.turnstile.local.client.Connections;
import dev.turnstile.local.client.OrderRequests;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Orders of one piece of product 1, by loads as {@code 480:8} (480 a second for 8 s) or {@code -16:8} (16 users for 8 s). */
public final class OpenLoad {

    public static void main(String[] args) throws Exception {
        URI api = URI.create(args[0]);
        Mode mode = Mode.valueOf(args[1]);
        Connections connections = new Connections(List.of(api));
        try (HttpLoad load = new HttpLoad(
                connections, OrderRequests.order(api, OrderRequests.path(mode), List.of(new OrderLine(1, 1))))) {
            for (String each : List.of(args).subList(2, args.length)) {
                int rate = Integer.parseInt(each.split(":")[0]);
                Duration duration = Duration.ofSeconds(Long.parseLong(each.split(":")[1]));
                long[] before = processors();
                HttpLoad.Outcome outcome = rate < 0 ? load.closed(-rate, duration) : load.open(rate, duration);
                long[] after = processors();
                System.out.printf(
                        "%s %s %.0f/s failed=%d p50 %.1f p90 %.1f p99 %.1f p99.9 %.1f ms, %.0f %% of the processors%n",
                        mode,
                        each,
                        outcome.perSecond(),
                        outcome.failed(),
                        outcome.latency().getValueAtPercentile(50) / 1e3,
                        outcome.latency().getValueAtPercentile(90) / 1e3,
                        outcome.latency().getValueAtPercentile(99) / 1e3,
                        outcome.latency().getValueAtPercentile(99.9) / 1e3,
                        100.0 * (after[0] - before[0]) / (after[1] - before[1]));
            }
        }
    }

    /** Ticks so far of all processors, those at work and all. */
    private static long[] processors() throws IOException {
        long[] ticks = Stream.of(Files.readAllLines(Path.of("/proc/stat")).get(0).trim().split(" +"))
                .skip(1)
                .mapToLong(Long::parseLong)
                .toArray();
        long all = 0;
        for (long each : ticks) {
            all += each;
        }
        return new long[] {all - ticks[3] - ticks[4], all};
    }
}
