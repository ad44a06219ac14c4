package dev.turnstile.local.bench.classic;

import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.order.Mode;
import dev.turnstile.redis.RedisAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The classic way as a program: HTTP, Kafka, one lock per order, the cached stock, and then the database. It answers
 * what Turnstile's API answers, so that the same crowd can be sent at it, and writes the same rows.
 *
 * <p>One order: {@code PATCH} → published to {@code classic.fair} or {@code classic.distributed} → consumed → the lock
 * ({@link ListLock} or {@link NodeRedlock}) → MGET, check, MSET of the cached stock → the lock is released → UPDATE of
 * the stock and INSERT of the order in MySQL → published to {@code classic.replies} → answered.
 *
 * <p>With one server and no faults it sells what there is and nothing more. It does not promise:
 *
 * <ul>
 *   <li>first come, first served with two consumers: the first to append is first, and that is a race between them;
 *   <li>that what it sold is stored: the lock is released before the commit, so a consumer that dies in between loses
 *       orders, and cache and database disagree from then on;
 *   <li>that it goes on: a consumer that is killed leaves its orders at the head of the lists, and the line stalls;
 *   <li>that an order is applied once: one that is delivered twice takes from the cache twice.
 * </ul>
 */
@Command(name = "classic-server", description = "The classic way, a contender of Turnstile's benchmark.")
public final class ClassicServer implements Callable<Integer> {

    /** Environment variables of settings with a password: all users of the machine can read arguments. */
    static final String PASSWORD_VARIABLE = "CLASSIC_JDBC_PASSWORD";

    /** The database's URL. */
    static final String URL_VARIABLE = "CLASSIC_JDBC_URL";

    /** The Redis of the line. */
    static final String LINE_VARIABLE = "CLASSIC_REDIS_LINE";

    /** The masters of Redlock, with commas between. */
    static final String NODES_VARIABLE = "CLASSIC_REDLOCK_NODES";

    /** Written to its log when it has begun to consume. */
    static final String READY = "classic consumer is ready";

    private static final Logger log = LoggerFactory.getLogger(ClassicServer.class);

    private static final Duration ASSIGNED_WITHIN = Duration.ofSeconds(60);
    private static final int REDIS_TIMEOUT_MS = 60_000;
    private static final int CONNECTIONS = 64;

    /** Which parts run in this process. */
    enum Role {
        /** HTTP and the consumer, as the classic way has it. */
        ALL,
        /** HTTP only. */
        API,
        /** The consumer only. */
        WORKER
    }

    @Option(names = "--role", defaultValue = "ALL")
    private Role role = Role.ALL;

    @Option(names = "--port", defaultValue = "8080", description = "Of HTTP, on the loopback interface.")
    private int port;

    @Option(names = "--partitions", defaultValue = "1", description = "Of the topics with orders.")
    private int partitions;

    @Option(names = "--kafka", required = true)
    private String kafka = "";

    @Option(names = "--jdbc-url", required = true, defaultValue = "${env:" + URL_VARIABLE + "}")
    private String jdbcUrl = "";

    @Option(names = "--jdbc-user", required = true)
    private String jdbcUser = "";

    @Option(names = "--redis-line", required = true, defaultValue = "${env:" + LINE_VARIABLE + "}")
    private URI lineRedis = URI.create("");

    @Option(names = "--redlock-nodes", required = true, split = ",", defaultValue = "${env:" + NODES_VARIABLE + "}")
    private List<URI> redlockNodes = List.of();

    // Opened last, closed first.
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /** Runs until it is stopped. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ClassicServer())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(this::closeAll, "classic-stop"));
        String password = System.getenv().getOrDefault(PASSWORD_VARIABLE, "");
        ServerAddresses servers = new ServerAddresses(kafka, jdbcUrl, jdbcUser, password, lineRedis, redlockNodes);
        ClassicTopics.make(kafka, partitions);
        KafkaProducer<String, byte[]> producer = opened(ClassicTopics.producer(kafka));
        RedissonClient redis = connect(lineRedis, CONNECTIONS);
        OrderDesk desk = role == Role.WORKER ? null : opened(new OrderDesk(kafka, producer));
        if (role != Role.API) {
            Shop shop = opened(new Shop(servers, redis, locks(redis)));
            OrderReader reader = opened(new OrderReader(kafka, shop, producer));
            if (!reader.awaitAssignment(ASSIGNED_WITHIN)) {
                throw new IllegalStateException(
                        "no partition was assigned within " + ASSIGNED_WITHIN.toSeconds() + " s");
            }
            System.out.println(READY);
        }
        if (desk != null) {
            opened(HttpDoor.open(port, desk, new StockDesk(servers, redis)));
        }
        new CountDownLatch(1).await();
        return CommandLine.ExitCode.OK;
    }

    private Map<Mode, ClassicLock> locks(RedissonClient redis) {
        List<RedissonClient> masters =
                redlockNodes.stream().map(node -> connect(node, CONNECTIONS)).toList();
        return Map.of(
                Mode.FAIR, new ListLock(redis, connect(lineRedis, 1)), Mode.DISTRIBUTED, new NodeRedlock(masters));
    }

    /** Without retries: an id that is appended twice would stay in the list for good. */
    private RedissonClient connect(URI address, int connections) {
        Config config = new Config().setThreads(2).setNettyThreads(4);
        RedisAddress.of(address)
                .useAlone(config)
                .setConnectionPoolSize(connections)
                .setConnectionMinimumIdleSize(Math.min(connections, 8))
                .setTimeout(REDIS_TIMEOUT_MS)
                .setRetryAttempts(0);
        RedissonClient client = Redisson.create(config);
        open(client::shutdown);
        return client;
    }

    private <T extends AutoCloseable> T opened(T part) {
        open(part);
        return part;
    }

    private void open(AutoCloseable part) {
        synchronized (open) {
            open.push(part);
        }
    }

    private void closeAll() {
        synchronized (open) {
            for (AutoCloseable part : open) {
                try {
                    part.close();
                } catch (Exception e) {
                    log.warn("could not close {}", part, e);
                }
            }
        }
    }
}
