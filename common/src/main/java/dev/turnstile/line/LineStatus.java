package dev.turnstile.line;

import dev.turnstile.redis.RedisScript;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RedissonClient;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The visible state of the line and its workers: workers report here, and the live page reads it. For display, not for
 * decisions. Nothing blocks; a stage fails with a {@link org.redisson.client.RedisException} when Redis can't be
 * reached in time.
 */
public final class LineStatus {

    /** How often a worker should report. */
    public static final Duration BETWEEN_REPORTS = Duration.ofSeconds(1);

    private static final Duration REPORT_COUNTS_FOR = Duration.ofSeconds(5);
    private static final RedisScript REPORT = RedisScript.load("line", "worker-report");
    private static final RedisScript LOOK = RedisScript.load("line", "line-look");
    private static final JsonMapper JSON = JsonMapper.shared();

    private final RedissonClient redis;

    /**
     * Makes a board in the line's Redis.
     *
     * @param redis the line's
     */
    public LineStatus(RedissonClient redis) {
        this.redis = redis;
    }

    /**
     * A snapshot.
     *
     * @param waiting orders in the line
     * @param parked those of them that a worker has consumed
     * @param queues of the products that were asked for, in that order
     * @param workers those that have reported lately
     */
    public record Snapshot(long waiting, long parked, List<Queue> queues, List<Reported> workers) {}

    /**
     * A product's queue.
     *
     * @param length how many orders want it
     * @param head the first of their tickets, or null
     * @param holder the worker that decides its orders now, or null
     */
    public record Queue(
            long productId,
            long length,
            @Nullable Ticket head,
            @Nullable String holder) {}

    /** What a worker reported. */
    public record Reported(String worker, WorkerReport report) {}

    /** Leaves a worker's report, in place of its last. */
    public CompletionStage<Void> report(String worker, WorkerReport report) {
        return REPORT.run(redis, List.of(LineKeys.WORKERS), worker, JSON.writeValueAsString(report))
                .thenAccept(done -> {});
    }

    /**
     * Looks.
     *
     * @param productIds whose queues, a hundred at most
     */
    public CompletionStage<Snapshot> look(List<Long> productIds) {
        List<String> keys = new ArrayList<>(
                List.of(LineKeys.TICKETS, LineKeys.PARKED, LineKeys.HELD, LineKeys.CLAIMANTS, LineKeys.WORKERS));
        List<Object> arguments = new ArrayList<>(List.of(REPORT_COUNTS_FOR.toMillis()));
        for (long productId : productIds) {
            keys.add(LineKeys.queue(productId));
            arguments.add(productId);
        }
        return LOOK.run(redis, keys, arguments.toArray()).thenApply(answer -> look(productIds, answer.iterator()));
    }

    private static Snapshot look(List<Long> productIds, Iterator<Object> answer) {
        long waiting = number(answer);
        long parked = number(answer);
        List<Queue> queues = new ArrayList<>();
        for (long productId : productIds) {
            long length = number(answer);
            String head = text(answer);
            String holder = text(answer);
            queues.add(new Queue(
                    productId, length, head.isEmpty() ? null : Ticket.parse(head), holder.isEmpty() ? null : holder));
        }
        List<Reported> workers = new ArrayList<>();
        while (answer.hasNext()) {
            String worker = text(answer);
            try {
                workers.add(new Reported(worker, JSON.readValue(text(answer), WorkerReport.class)));
            } catch (JacksonException e) {
                // of another version: it is not shown until all are of one
            }
        }
        return new Snapshot(waiting, parked, List.copyOf(queues), List.copyOf(workers));
    }

    private static long number(Iterator<Object> answer) {
        return (Long) answer.next();
    }

    private static String text(Iterator<Object> answer) {
        return (String) answer.next();
    }
}
