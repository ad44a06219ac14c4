package dev.turnstile.local.server;

import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.mysql.MySQLContainer;

/**
 * The servers that all tests of a JVM share: containers where Docker answers, else embedded ones. They start with the
 * first call and end with the JVM. Tests must not expect them to be empty.
 */
public final class SharedStack {

    private static final int REDIS_PORT = 6379;

    /** Enough for one system whose processes all have wires of their own. */
    private static final int KAFKA_DOORS = 8;

    private static @Nullable SharedStack shared;

    private final ServerAddresses addresses;
    private final @Nullable ServerStack embedded;

    private SharedStack(ServerAddresses addresses, @Nullable ServerStack embedded) {
        this.addresses = addresses;
        this.embedded = embedded;
    }

    /** The one stack of this JVM. */
    public static synchronized SharedStack get() {
        SharedStack stack = shared;
        if (stack == null) {
            stack = DockerClientFactory.instance().isDockerAvailable() ? containers() : embeddedServers();
            shared = stack;
        }
        return stack;
    }

    /** Where the servers are. */
    public ServerAddresses addresses() {
        return addresses;
    }

    /** The servers to stop, kill and freeze; none where containers are used. */
    public Optional<ServerStack> embedded() {
        return Optional.ofNullable(embedded);
    }

    private static SharedStack embeddedServers() {
        ProjectFiles project = ProjectFiles.locate();
        ServerStack stack = ServerStack.start(
                project, RunFolder.open(project.runs()), ExternalServers.NONE, null, System.err::println, KAFKA_DOORS);
        return new SharedStack(stack.addresses(), stack);
    }

    private static SharedStack containers() {
        KafkaContainer kafka =
                new KafkaContainer("apache/kafka:4.2.1").withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false");
        MySQLContainer mySql = new MySQLContainer("mysql:8.4").withDatabaseName(MySqlServer.SCHEMA);
        List<GenericContainer<?>> redis = Stream.generate(SharedStack::redis)
                .limit(1 + ServerStack.REDLOCK_NODES)
                .toList();
        Startables.deepStart(Stream.concat(Stream.of(kafka, mySql), redis.stream()))
                .join();
        List<URI> redisUris = redis.stream()
                .map(node -> URI.create("redis://" + node.getHost() + ":" + node.getMappedPort(REDIS_PORT)))
                .toList();
        return new SharedStack(
                new ServerAddresses(
                        kafka.getBootstrapServers(),
                        mySql.getJdbcUrl(),
                        mySql.getUsername(),
                        mySql.getPassword(),
                        redisUris.get(0),
                        redisUris.subList(1, redisUris.size())),
                null);
    }

    private static GenericContainer<?> redis() {
        return new GenericContainer<>("redis:7.2-alpine").withExposedPorts(REDIS_PORT);
    }
}
