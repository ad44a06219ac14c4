package dev.turnstile.local.server;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.FreePorts;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All servers that Turnstile needs, on the loopback interface: Kafka, MySQL, a Redis for the ticket line and the stock
 * cache, and the masters of Redlock. Those that the user has are taken as they are. Each embedded one can be stopped,
 * killed, frozen and started again on its port and with its data.
 */
public final class ServerStack implements AutoCloseable {

    /** How many masters Redlock has here: the least that survive the loss of one. */
    public static final int REDLOCK_NODES = 3;

    private final @Nullable KafkaServer kafka;
    private final @Nullable MySqlServer database;
    private final @Nullable RedisServer lineRedis;
    private final List<RedisServer> redlockNodes;
    private final ServerAddresses addresses;

    private ServerStack(
            ExternalServers own,
            @Nullable KafkaServer kafka,
            @Nullable MySqlServer database,
            @Nullable RedisServer lineRedis,
            List<RedisServer> redlockNodes) {
        this.kafka = kafka;
        this.database = database;
        this.lineRedis = lineRedis;
        this.redlockNodes = List.copyOf(redlockNodes);
        ExternalServers.Jdbc jdbc = database == null
                ? given(own.database())
                : new ExternalServers.Jdbc(database.jdbcUrl(), MySqlServer.USER, MySqlServer.PASSWORD);
        List<URI> nodes = redlockNodes.isEmpty()
                ? own.redlockNodes()
                : redlockNodes.stream().map(RedisServer::uri).toList();
        this.addresses = new ServerAddresses(
                kafka == null ? given(own.kafka()) : kafka.bootstrapServers(),
                jdbc.url(),
                jdbc.user(),
                jdbc.password(),
                lineRedis == null ? given(own.lineRedis()) : lineRedis.uri(),
                nodes);
    }

    /**
     * Starts all servers at the same time and waits until every one is ready.
     *
     * @param run ends them with itself, also those that were started before another one failed
     * @param own servers that need not be started
     * @param wanted the database to take, or null to choose by trying
     * @param notices receives notices for the user, in lines
     * @throws UserError if a server does not start
     */
    public static ServerStack start(
            ProjectFiles project,
            RunFolder run,
            ExternalServers own,
            @Nullable Database wanted,
            Consumer<String> notices) {
        return start(project, run, own, wanted, notices, 0);
    }

    /**
     * Starts all servers at the same time and waits until every one is ready.
     *
     * @param kafkaListeners how many proxies there may be before the broker, if it is embedded; see {@link KafkaListeners}
     * @throws UserError if a server does not start
     */
    public static ServerStack start(
            ProjectFiles project,
            RunFolder run,
            ExternalServers own,
            @Nullable Database wanted,
            Consumer<String> notices,
            int kafkaListeners) {
        FreePorts ports = new FreePorts(new SecureRandom());
        Templates templates = new Templates(project, run);
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            Future<KafkaServer> kafka = own.kafka() != null
                    ? null
                    : threads.submit(() -> {
                        KafkaServer server = KafkaServer.prepare(
                                project,
                                run,
                                templates,
                                ports.next(),
                                ports.next(),
                                KafkaListeners.of(kafkaListeners, ports));
                        server.process().start();
                        return server;
                    });
            Future<MySqlServer> database = own.database() != null
                    ? null
                    : threads.submit(() -> {
                        Binaries binaries = new Binaries(project, run, Platform.current());
                        MySqlServer server =
                                MySqlServer.prepare(binaries, run, templates, ports.next(), wanted, notices);
                        server.process().start();
                        return server;
                    });
            Future<List<RedisServer>> redis = threads.submit(() -> startRedis(project, run, own, ports));

            List<RedisServer> redisServers = new ArrayList<>(result(redis));
            RedisServer lineRedis = own.lineRedis() != null ? null : redisServers.remove(0);
            return new ServerStack(
                    own,
                    kafka == null ? null : result(kafka),
                    database == null ? null : result(database),
                    lineRedis,
                    redisServers);
        } finally {
            threads.shutdown();
        }
    }

    /** The line's Redis first, if it is embedded, then the nodes of Redlock, if they are. */
    private static List<RedisServer> startRedis(
            ProjectFiles project, RunFolder run, ExternalServers own, FreePorts ports) {
        List<RedisServer> servers = new ArrayList<>();
        if (own.lineRedis() != null && !own.redlockNodes().isEmpty()) {
            return servers;
        }
        Path program = new Binaries(project, run, Platform.current()).redisServer();
        if (own.lineRedis() == null) {
            servers.add(
                    RedisServer.prepare(program, run, "redis-line", ports.next(), RedisServer.Memory.APPEND_ONLY_FILE));
        }
        if (own.redlockNodes().isEmpty()) {
            for (int node = 1; node <= REDLOCK_NODES; node++) {
                servers.add(
                        RedisServer.prepare(program, run, "redlock-" + node, ports.next(), RedisServer.Memory.NONE));
            }
        }
        servers.forEach(server -> server.process().start());
        return servers;
    }

    private static <T> T result(Future<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("a server did not start", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError("interrupted while the servers started", e);
        }
    }

    /** Where all servers are, embedded or not. */
    public ServerAddresses addresses() {
        return addresses;
    }

    /**
     * The embedded broker.
     *
     * @throws IllegalStateException if it is the user's own
     */
    public KafkaServer kafka() {
        return given(kafka);
    }

    /**
     * The embedded database.
     *
     * @throws IllegalStateException if it is the user's own
     */
    public MySqlServer database() {
        return given(database);
    }

    /**
     * The embedded Redis of the ticket line and the stock cache.
     *
     * @throws IllegalStateException if it is the user's own
     */
    public RedisServer lineRedis() {
        return given(lineRedis);
    }

    /** The embedded masters of Redlock; none if they are the user's own. */
    public List<RedisServer> redlockNodes() {
        return redlockNodes;
    }

    /** The processes of the embedded servers. */
    public List<ChildProcess> processes() {
        List<ChildProcess> processes = new ArrayList<>();
        if (kafka != null) {
            processes.add(kafka.process());
        }
        if (database != null) {
            processes.add(database.process());
        }
        if (lineRedis != null) {
            processes.add(lineRedis.process());
        }
        redlockNodes.forEach(node -> processes.add(node.process()));
        return processes;
    }

    private static <T> T given(@Nullable T server) {
        if (server == null) {
            throw new IllegalStateException("this server is not embedded");
        }
        return server;
    }

    /** Kills the embedded servers; their data go with the run. */
    @Override
    public void close() {
        processes().forEach(ChildProcess::kill);
    }
}
