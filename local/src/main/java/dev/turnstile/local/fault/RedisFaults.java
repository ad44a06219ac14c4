package dev.turnstile.local.fault;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What can happen to one Redis, without password, while it runs. Redisson's objects know no {@code CLIENT} command, so
 * commands go over a socket, a fresh one each. Safe for use by any thread.
 */
public final class RedisFaults {

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

    private final InetSocketAddress address;

    /** Faults of the Redis at this address. It is connected to when there is something to do. */
    public RedisFaults(URI redis) {
        this.address = new InetSocketAddress(redis.getHost(), redis.getPort());
    }

    /** Makes it forget all (FLUSHALL), as after a restart without persistence. */
    public void flushAll() {
        send("FLUSHALL");
    }

    /**
     * Deletes a key by hand: no script and no message announces it.
     *
     * @return whether it was there
     */
    public boolean delete(String key) {
        return number(send("DEL", key)) == 1;
    }

    /** Makes it forget all scripts (SCRIPT FLUSH). */
    public void flushScripts() {
        send("SCRIPT", "FLUSH");
    }

    /**
     * Ends the connections of all subscribers (CLIENT KILL TYPE pubsub): messages are lost until they subscribe again.
     *
     * @return how many there were
     */
    public int killSubscribers() {
        return number(send("CLIENT", "KILL", "TYPE", "pubsub"));
    }

    /**
     * Holds up the commands of all clients (CLIENT PAUSE).
     *
     * @param duration at most {@link #LONGEST_PAUSE}; then it ends by itself
     * @return ends a pause of {@link Paused#WRITE}, and waits for the end of one of {@link Paused#ALL}
     */
    public FaultHandle pause(Duration duration, Paused paused) {
        if (duration.compareTo(LONGEST_PAUSE) > 0) {
            throw new IllegalArgumentException("a pause is " + LONGEST_PAUSE + " at most, not " + duration);
        }
        send("CLIENT", "PAUSE", Long.toString(duration.toMillis()), paused.name());
        return FaultHandle.once(() -> send("CLIENT", "UNPAUSE"));
    }

    /**
     * Sends a command in Redis's protocol, RESP, and reads an answer of one line.
     *
     * @throws IllegalStateException if Redis refuses
     * @throws UncheckedIOException if it can't be reached
     */
    private String send(String... words) {
        String command = Stream.of(words)
                .map(word -> "$" + word.length() + "\r\n" + word + "\r\n")
                .collect(Collectors.joining("", "*" + words.length + "\r\n", ""));
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(PATIENCE_MS);
            socket.connect(address, CONNECT_PATIENCE_MS);
            socket.getOutputStream().write(command.getBytes(StandardCharsets.US_ASCII));
            String answer = new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            if (answer == null || answer.startsWith("-")) {
                throw new IllegalStateException(
                        "Redis at " + address + " refused " + String.join(" ", words) + ": " + answer);
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException("Redis at " + address + " can't be reached", e);
        }
    }

    /** Of an answer like {@code :3}. */
    private static int number(String answer) {
        return Integer.parseInt(answer.substring(1));
    }
}
