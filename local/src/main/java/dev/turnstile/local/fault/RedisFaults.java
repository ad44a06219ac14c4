package dev.turnstile.local.fault;

import java.net.URI;
import java.time.Duration;
import org.redisson.client.RedisClient;
import org.redisson.client.RedisClientConfig;
import org.redisson.client.RedisConnection;
import org.redisson.client.codec.StringCodec;
import org.redisson.client.protocol.RedisCommands;
import org.redisson.client.protocol.RedisStrictCommand;

/**
 * What can happen to one Redis while it runs. {@code CLIENT} can't be called by Redisson's objects, so its commands are sent on
 * a connection. Safe for use by any thread.
 */
public final class RedisFaults implements AutoCloseable {

    /** Which commands a pause holds up. */
    public enum Paused {
        /** Every command. Nothing can end this pause early, for {@code CLIENT UNPAUSE} is held up, too. */
        ALL,
        /** Commands that write, scripts among them. */
        WRITE
    }

    /** The longest pause. */
    public static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private static final int CONNECT_PATIENCE_MS = 5_000;
    private static final int PATIENCE_MS =
            Math.toIntExact(LONGEST_PAUSE.plusSeconds(5).toMillis());

    private static final RedisStrictCommand<String> FLUSHALL = new RedisStrictCommand<>("FLUSHALL");
    private static final RedisStrictCommand<String> SCRIPT_FLUSH = new RedisStrictCommand<>("SCRIPT", "FLUSH");
    private static final RedisStrictCommand<Long> CLIENT_KILL = new RedisStrictCommand<>("CLIENT", "KILL");
    private static final RedisStrictCommand<String> CLIENT_PAUSE = new RedisStrictCommand<>("CLIENT", "PAUSE");
    private static final RedisStrictCommand<String> CLIENT_UNPAUSE = new RedisStrictCommand<>("CLIENT", "UNPAUSE");

    private final RedisClient client;

    /** Faults of the Redis at this address. It is connected to when there is something to do. */
    public RedisFaults(URI redis) {
        this.client = RedisClient.create(new RedisClientConfig()
                .setAddress(redis.toString())
                .setConnectTimeout(CONNECT_PATIENCE_MS)
                .setCommandTimeout(PATIENCE_MS));
    }

    /** Makes it forget all (FLUSHALL), as after a restart without persistence. */
    public void flushAll() {
        send(FLUSHALL);
    }

    /**
     * Deletes a key by hand: no script and no message tells anyone.
     *
     * @return whether it was there
     */
    public boolean delete(String key) {
        return send(RedisCommands.DEL, key) == 1;
    }

    /** Makes it forget all scripts (SCRIPT FLUSH). */
    public void flushScripts() {
        send(SCRIPT_FLUSH);
    }

    /**
     * Ends the connections of all subscribers (CLIENT KILL TYPE pubsub): messages are lost until they subscribe again.
     *
     * @return how many there were
     */
    public int killSubscribers() {
        return Math.toIntExact(send(CLIENT_KILL, "TYPE", "pubsub"));
    }

    /**
     * Holds up the commands of all clients (CLIENT PAUSE).
     *
     * @param duration at most {@link #LONGEST_PAUSE}; then it ends by itself
     * @return ends a pause of {@link Paused#WRITE}, and waits for the end of one of {@link Paused#ALL}
     */
    public Healing pause(Duration duration, Paused paused) {
        if (duration.compareTo(LONGEST_PAUSE) > 0) {
            throw new IllegalArgumentException("a pause is " + LONGEST_PAUSE + " at most, not " + duration);
        }
        send(CLIENT_PAUSE, Long.toString(duration.toMillis()), paused.name());
        return Healing.once(() -> send(CLIENT_UNPAUSE));
    }

    private <T> T send(RedisStrictCommand<T> command, Object... arguments) {
        RedisConnection connection = client.connect();
        try {
            return connection.sync(StringCodec.INSTANCE, command, arguments);
        } finally {
            connection.closeAsync().syncUninterruptibly();
        }
    }

    @Override
    public void close() {
        client.shutdown();
    }
}
