package dev.turnstile.local.demo;

import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Crowds that order one piece of each of three products, nine pieces for ten users, as {@code 100:28} (100 users, 28 times). Tells medians
 * without the first two: when the last was sent, when the first, the 10th, 50th, 90th and last of a hundred were answered (ms), and what both
 * processors worked meanwhile (ms).
 */
public final class CrowdLoad {

    private static final List<Long> PRODUCTS = List.of(2_300_001L, 2_300_002L, 2_300_003L);

    public static void main(String[] args) throws Exception {
        URI api = URI.create(args[0]);
        Mode mode = Mode.valueOf(args[1]);
        List<OrderLine> lines =
                PRODUCTS.stream().map(product -> new OrderLine(product, 1)).toList();
        StockApi stock = new StockApi(api, "local-admin");
        try (Crowd crowd = new Crowd(List.of(api))) {
            for (String each : List.of(args).subList(2, args.length)) {
                int users = Integer.parseInt(each.split(":")[0]);
                List<double[]> crowds = new ArrayList<>();
                for (int i = Integer.parseInt(each.split(":")[1]); i > 0; i--) {
                    for (long product : PRODUCTS) {
                        stock.set(product, users * 9 / 10);
                    }
                    Thread.sleep(300);
                    long before = workedMs();
                    List<Answer> answers = crowd.release(users, Duration.ZERO, Duration.ofMinutes(1), mode, lines);
                    double worked = workedMs() - before;
                    double sent = answers.stream()
                            .mapToDouble(answer -> answer.sentNanos() / 1e6)
                            .max()
                            .orElseThrow();
                    double[] at = answers.stream()
                            .filter(answer -> answer.answeredNanos() != null)
                            .mapToDouble(answer -> answer.answeredNanos() / 1e6)
                            .sorted()
                            .toArray();
                    int last = at.length - 1;
                    crowds.add(new double[] {
                        sent, at[0], at[last / 10], at[last / 2], at[last * 9 / 10], at[last], worked
                    });
                }
                System.out.printf("%s %s sent first p10 p50 p90 last worked:", mode, each);
                IntStream.range(0, 7)
                        .forEach(column -> System.out.printf(" %.0f", sorted(crowds, column)[(crowds.size() - 2) / 2]));
                double[] ends = sorted(crowds, 5);
                System.out.printf("  (last %.0f to %.0f)%n", ends[0], ends[ends.length - 1]);
            }
        }
    }

    private static double[] sorted(List<double[]> crowds, int column) {
        return crowds.stream()
                .skip(2)
                .mapToDouble(crowd -> crowd[column])
                .sorted()
                .toArray();
    }

    private static long workedMs() throws IOException {
        String[] ticks = Files.readAllLines(Path.of("/proc/stat")).get(0).split(" +");
        return Stream.of(ticks).skip(1).mapToLong(Long::parseLong).sum() * 10
                - 10 * (Long.parseLong(ticks[4]) + Long.parseLong(ticks[5]));
    }
}
