package dev.turnstile.redis;

import dev.turnstile.batch.AsyncFailures;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.redisson.api.RScript;
import org.redisson.api.RedissonClient;
import org.redisson.client.RedisNoScriptException;
import org.redisson.client.codec.StringCodec;

/**
 * A Lua script of ours, called by its SHA-1 and sent whole only to a server that does not know it (after a restart, a
 * failover or {@code SCRIPT FLUSH}). Arguments are sent as text; the answer is a flat list of text and whole numbers.
 *
 * <p>A script may run twice for one call when an answer is lost and the client tries again, so each of them must come
 * to the same end when it is repeated.
 */
public final class RedisScript {

    private final String source;
    private final String sha;

    private RedisScript(String source) {
        this.source = source;
        this.sha = sha1(source);
    }

    /**
     * Reads {@code redis/<name>.lua} from the class path; of several names one script, in which the later parts use
     * what the earlier ones define.
     *
     * @throws IllegalArgumentException if there is no such script
     */
    public static RedisScript load(String... names) {
        return new RedisScript(Arrays.stream(names).map(RedisScript::source).collect(Collectors.joining("\n")));
    }

    private static String source(String name) {
        String path = "/redis/" + name + ".lua";
        try (InputStream in = RedisScript.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalArgumentException("no script " + path + " on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs the script without blocking.
     *
     * @param redis where to run it
     * @param keys every key that the script touches, all in one slot
     * @param arguments each sent as its {@code toString()}
     * @return the script's answer: {@code String} and {@code Long} elements; fails with a
     *     {@link org.redisson.client.RedisException} when the server is down, too slow or refuses
     */
    public CompletionStage<List<Object>> run(RedissonClient redis, List<String> keys, Object... arguments) {
        RScript scripts = redis.getScript(StringCodec.INSTANCE);
        List<Object> keyObjects = List.copyOf(keys);
        CompletionStage<List<Object>> bySha =
                scripts.evalShaAsync(RScript.Mode.READ_WRITE, sha, RScript.ReturnType.LIST, keyObjects, arguments);
        return bySha.exceptionallyCompose(failure -> {
            if (AsyncFailures.cause(failure) instanceof RedisNoScriptException) {
                return scripts.evalAsync(
                        RScript.Mode.READ_WRITE, source, RScript.ReturnType.LIST, keyObjects, arguments);
            }
            return CompletableFuture.failedStage(failure);
        });
    }

    private static String sha1(String source) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(source.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
