package dev.turnstile.line;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Hears all that a Redis executes ({@code MONITOR}): which scripts it was sent, and whether they touched a key that was
 * not declared. Each script is heard before its commands, and nothing in between.
 */
final class ScriptWatch {

    /**
     * What was heard.
     *
     * @param scripts SHA-1 of each script that was called
     * @param undeclared commands on keys that their script was not called with
     */
    record Heard(Set<String> scripts, List<String> undeclared) {}

    private static final Pattern WORD = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*+)\"");
    private static final Set<String> WITHOUT_KEY = Set.of("TIME", "INFO", "PUBLISH");

    private final Socket socket;
    private final CompletableFuture<Heard> heard;

    private ScriptWatch(Socket socket, BufferedReader lines) {
        this.socket = socket;
        this.heard = CompletableFuture.supplyAsync(() -> hear(lines));
    }

    /** Hears from now on. */
    static ScriptWatch on(URI redis) {
        try {
            Socket socket = new Socket(redis.getHost(), redis.getPort());
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            say(socket, "MONITOR");
            if (!"+OK".equals(lines.readLine())) {
                throw new IllegalStateException(redis + " is not to be monitored");
            }
            return new ScriptWatch(socket, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it. Returns all scripts heard until now, also when called again. */
    Heard end() {
        try (socket) {
            if (!socket.isClosed()) {
                say(socket, "QUIT");
            }
            return heard.orTimeout(30, TimeUnit.SECONDS).join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void say(Socket socket, String command) throws IOException {
        socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static Heard hear(BufferedReader lines) {
        Set<String> scripts = new HashSet<>();
        Set<String> declared = new HashSet<>();
        List<String> undeclared = new ArrayList<>();
        lines.lines().forEach(line -> {
            List<String> words =
                    WORD.matcher(line).results().map(word -> word.group(1)).toList();
            if (words.isEmpty()) {
                return;
            }
            if (line.contains(" lua] ")) {
                if (!WITHOUT_KEY.contains(words.get(0)) && !declared.contains(words.get(1))) {
                    undeclared.add(line);
                }
            } else if (words.get(0).startsWith("EVAL")) {
                declared.clear();
                declared.addAll(words.subList(3, 3 + Integer.parseInt(words.get(2))));
                scripts.add(words.get(1));
            }
        });
        return new Heard(scripts, undeclared);
    }
}
