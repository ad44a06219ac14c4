package dev.turnstile.local.chaos;

import dev.turnstile.local.chaos.Violation.Rule;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.redis.RedisClients;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;

/** The contents of the Redis servers after a run. */
final class LeftoverCheck {

    /** Keys that the protocol keeps for good, or until they expire. */
    private static final Predicate<String> KEPT_OF_THE_LINE = Pattern.compile(
                    "turnstile:\\{line}:(state|seen|refused|beats|workers|requests|request-ages|accepted|accepted-ages|stock:\\d+)")
            .asMatchPredicate();

    private static final Predicate<String> KEPT_OF_A_REDLOCK_NODE =
            Pattern.compile("turnstile:lock-(fence|memory)").asMatchPredicate();

    private static final String TICKETS = "turnstile:{line}:tickets";
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** The leases of those that were killed end within that. */
    private static final Duration GONE_WITHIN = Duration.ofSeconds(10);

    private static final long POLL_MS = 100;

    private LeftoverCheck() {}

    /** How many tickets are in the line. */
    static int tickets(ServerAddresses servers) {
        RedissonClient redis = RedisClients.connect(servers.lineRedis(), TIMEOUT);
        try {
            return redis.getMap(TICKETS, StringCodec.INSTANCE).size();
        } finally {
            redis.shutdown();
        }
    }

    /**
     * Unneeded channels and keys, now that every API and worker has stopped.
     *
     * @throws InterruptedException if interrupted while leases end
     */
    static List<Violation> in(ServerAddresses servers) throws InterruptedException {
        List<Violation> violations = new ArrayList<>(in(servers.lineRedis(), "the line's Redis", KEPT_OF_THE_LINE));
        for (URI node : servers.redlockNodes()) {
            violations.addAll(in(node, "a Redlock node", KEPT_OF_A_REDLOCK_NODE));
        }
        return violations;
    }

    private static List<Violation> in(URI address, String name, Predicate<String> kept) throws InterruptedException {
        RedissonClient redis = RedisClients.connect(address, TIMEOUT);
        try {
            long start = System.nanoTime();
            while (true) {
                List<String> left = new ArrayList<>();
                redis.getPatternTopic("*").getActiveTopics().forEach(topic -> left.add("channel " + topic));
                for (String key : redis.getKeys().getKeys()) {
                    if (!kept.test(key)) {
                        left.add("key " + key);
                    }
                }
                if (left.isEmpty() || System.nanoTime() - start > GONE_WITHIN.toNanos()) {
                    return left.stream()
                            .map(what -> new Violation(Rule.NOTHING_LEFT_BEHIND, what + " in " + name, "at the end"))
                            .toList();
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MS);
            }
        } finally {
            redis.shutdown();
        }
    }
}
