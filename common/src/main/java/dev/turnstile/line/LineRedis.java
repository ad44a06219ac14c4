package dev.turnstile.line;

import dev.turnstile.redis.RedisScript;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RMap;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;

/** Runs the line's scripts, and gives the line its epoch when Redis has no memory of one. */
final class LineRedis {

    private static final RedisScript EPOCH = RedisScript.load("line", "line-epoch");
    private static final RedisScript CANCEL = RedisScript.load("line", "line-cancel");
    private static final String NO_EPOCH = "NO_EPOCH";
    private static final String STRANGER = "STRANGER";
    private static final String INSTALLATION = "installation";
    private static final String EPOCH_FIELD = "epoch";

    private final RedissonClient redis;
    private final Epochs epochs;
    private final UUID installation;

    /**
     * The greatest epoch that this process saw: a line that lost its memory no longer has it, and the ledger may have
     * lost it too.
     */
    private final AtomicLong greatest = new AtomicLong();

    /** What this process does because of a loss, for all calls that saw it. Guarded by this. */
    private @Nullable CompletableFuture<List<Object>> beginning;

    /** Gives the line's memories their epochs. */
    @FunctionalInterface
    interface Epochs {

        /**
         * The epoch of a memory, greater than those of all before. Blocks.
         *
         * @param mark names the memory; each call for it returns the same epoch
         * @param known the greatest epoch that is known to have been in use, or 0
         */
        long of(String mark, long known);
    }

    /**
     * Makes a runner of scripts.
     *
     * @param installation that of the ledger
     */
    LineRedis(RedissonClient redis, Epochs epochs, UUID installation) {
        this.redis = redis;
        this.epochs = epochs;
        this.installation = installation;
    }

    /** The installation that the line belongs to; this one, if it belonged to none. Blocks. */
    String owner() {
        String ours = installation.toString();
        RMap<String, String> state = redis.getMap(LineKeys.STATE, StringCodec.INSTANCE);
        String before = state.putIfAbsent(INSTALLATION, ours);
        String epoch = state.get(EPOCH_FIELD);
        if (epoch != null && epoch.matches("\\d{1,5}") && (before == null || before.equals(ours))) {
            saw(Long.parseLong(epoch));
        }
        return before == null ? ours : before;
    }

    RedissonClient client() {
        return redis;
    }

    /** Notes an epoch of this line. */
    void saw(long epoch) {
        greatest.accumulateAndGet(epoch, Math::max);
    }

    CompletionStage<List<Object>> run(RedisScript script, List<String> keys, Object... arguments) {
        return script.run(redis, keys, arguments).thenCompose(answer -> {
            if (!hasNoEpoch(answer)) {
                return CompletableFuture.completedStage(answer);
            }
            return beginEpoch()
                    .thenCompose(done -> script.run(redis, keys, arguments))
                    .thenApply(second -> {
                        if (hasNoEpoch(second)) {
                            throw new IllegalStateException("the line's Redis lost its memory twice in a row");
                        }
                        return second;
                    });
        });
    }

    /**
     * Removes a ticket from the line; returns whether it did.
     *
     * @param ticket which of the order's tickets
     * @param decided whether the order is decided; if not, a parked ticket stays
     */
    CompletionStage<Boolean> takeOut(UUID orderId, Ticket ticket, List<Long> productIds, boolean decided) {
        return takeOut(orderId, ticket.toString(), productIds, decided ? 1 : 0, "");
    }

    /**
     * Takes the ticket of an undecided order out of the line if it has this record, so was made by the draw that left
     * it.
     */
    CompletionStage<Boolean> takeOutDrawn(UUID orderId, String record, List<Long> productIds) {
        return takeOut(orderId, "", productIds, 0, record);
    }

    private CompletionStage<Boolean> takeOut(
            UUID orderId, String ticket, List<Long> productIds, int decided, String record) {
        List<String> keys = new ArrayList<>(
                List.of(LineKeys.ORDERS, LineKeys.TICKETS, LineKeys.PARKED, LineKeys.HEADS, LineKeys.UNPARKED));
        productIds.forEach(productId -> keys.add(LineKeys.queue(productId)));
        return run(CANCEL, keys, orderId, LineKeys.WAKE_CHANNEL, ticket, decided, record)
                .thenApply(answer -> answer.get(0).equals(1L));
    }

    /** One loss is seen by all calls that are under way. */
    private synchronized CompletionStage<List<Object>> beginEpoch() {
        CompletableFuture<List<Object>> underWay = beginning;
        if (underWay != null && !underWay.isDone()) {
            return underWay;
        }
        CompletableFuture<List<Object>> begun = markAndInstall().toCompletableFuture();
        beginning = begun;
        return begun;
    }

    private CompletionStage<List<Object>> markAndInstall() {
        List<String> keys = List.of(LineKeys.STATE, LineKeys.SEEN);
        return EPOCH.run(redis, keys, UUID.randomUUID(), "", installation).thenCompose(marked -> {
            if (marked.get(0).equals(STRANGER)) {
                throw new IllegalStateException("the line's Redis belongs to installation " + marked.get(1)
                        + ", the ledger to installation " + installation);
            }
            saw(Long.parseLong(marked.get(2).toString()));
            if (!marked.get(0).equals("")) {
                return CompletableFuture.completedStage(marked);
            }
            String mark = marked.get(1).toString();
            return CompletableFuture.supplyAsync(() -> epochs.of(mark, greatest.get()))
                    .thenCompose(epoch -> EPOCH.run(redis, keys, mark, epoch, installation))
                    .whenComplete((installed, failure) -> {
                        if (failure == null) {
                            saw(Long.parseLong(installed.get(2).toString()));
                        }
                    });
        });
    }

    private static boolean hasNoEpoch(List<Object> answer) {
        return !answer.isEmpty() && NO_EPOCH.equals(answer.get(0));
    }
}
