package dev.turnstile.local.server;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.ReadyProbe;
import dev.turnstile.local.process.RunFolder;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One Redis master on a port of the loopback interface.
 *
 * @param process to start, stop, kill, freeze it
 * @param port the same after each start
 * @param data its folder
 */
public record RedisServer(ChildProcess process, int port, Path data) {

    /** What a Redis remembers when it is killed and started again. */
    public enum Memory {
        /** Nothing: a node of Redlock, which must not grant anything after that until it is seeded anew. */
        NONE,
        /** All but the last second: the ticket line and the stock cache. */
        APPEND_ONLY_FILE
    }

    /**
     * A server that is not started yet.
     *
     * @param options further options, each followed by its value
     */
    static RedisServer prepare(Path program, RunFolder run, String name, int port, Memory memory, String... options) {
        Path data = run.data(name);
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                data.toString(),
                "--save",
                "",
                "--maxmemory-policy",
                "noeviction"));
        switch (memory) {
            case NONE -> command.addAll(List.of("--appendonly", "no"));
            case APPEND_ONLY_FILE -> command.addAll(List.of("--appendonly", "yes", "--appendfsync", "everysec"));
        }
        command.addAll(List.of(options));
        ChildProcess.Spec spec = new ChildProcess.Spec(
                name,
                command,
                Map.of(),
                data,
                ReadyProbe.redisPing(port),
                Duration.ofSeconds(20),
                Duration.ofSeconds(5));
        return new RedisServer(new ChildProcess(run, spec), port, data);
    }

    /** Its address. */
    public URI uri() {
        return URI.create("redis://127.0.0.1:" + port);
    }
}
