package dev.turnstile.local.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.FreePorts;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.redis.RedisClients;
import dev.turnstile.startup.InstallationTopic;
import dev.turnstile.stock.Installation;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.redisson.api.RMap;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * A new ledger under servers that belong to another installation: the start is refused before an order is taken or
 * read.
 */
class AnotherInstallationIT {

    private final String schema = "another_" + UUID.randomUUID().toString().replace("-", "");
    private ServerAddresses shared;
    private Installation first;
    private ServerAddresses second;

    @BeforeEach
    void makeASecondLedger() throws Exception {
        assumeTrue(SharedStack.get().embedded().isPresent(), "may make schemas");
        shared = SharedStack.get().addresses();
        DataSource dataSource = dataSource(shared.jdbcUrl());
        Flyway.configure().dataSource(dataSource).load().migrate();
        first = Installation.of(dataSource);
        new JdbcTemplate(dataSource).execute("CREATE DATABASE " + schema);
        second = on(shared.lineRedis());
        Flyway.configure().dataSource(dataSource(second.jdbcUrl())).load().migrate();
        takeLine();
        takeTopics();
    }

    @AfterEach
    void dropIt() {
        if (second != null) {
            new JdbcTemplate(dataSource(shared.jdbcUrl())).execute("DROP DATABASE " + schema);
        }
    }

    private void takeLine() {
        RedissonClient redis = RedisClients.connect(shared.lineRedis(), Duration.ofSeconds(5));
        try {
            RMap<String, String> state = redis.getMap("turnstile:{line}:state", StringCodec.INSTANCE);
            state.fastPutIfAbsent("installation", first.id().toString());
            assertThat(state.get("installation")).isEqualTo(first.id().toString());
        } finally {
            redis.shutdown();
        }
    }

    /** As a process of the first installation does at its start. */
    private void takeTopics() throws Exception {
        Map<String, Object> broker = Map.of("bootstrap.servers", shared.kafka());
        try (Admin admin = Admin.create(broker)) {
            admin.createTopics(List.of(new NewTopic(OrderTopics.INSTALLATION, 1, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(TopicExistsException.class);
        }
        new InstallationTopic(
                        shared.kafka(),
                        first.id(),
                        () -> new KafkaConsumer<>(broker, new StringDeserializer(), new ByteArrayDeserializer()),
                        () -> new KafkaProducer<>(broker, new StringSerializer(), new ByteArraySerializer()))
                .start();
    }

    @Test
    void isRefusedInOneLineThatNamesBothAndWhatToDo() {
        UUID other = Installation.of(dataSource(second.jdbcUrl())).id();
        assertRefused(
                second,
                "Redis of the ticket line at " + shared.lineRedis() + " (turnstile.line.redis) belongs to installation "
                        + first.id() + ", and the ledger (spring.datasource.url) to installation " + other,
                "empty it");

        URI free = shared.redlockNodes().get(0);
        try {
            assertRefused(
                    on(free),
                    "Kafka at " + shared.kafka() + " (spring.kafka.bootstrap-servers) belongs to installation "
                            + first.id() + ", and the ledger (spring.datasource.url) to installation " + other,
                    "delete its topics");
        } finally {
            RedissonClient redis = RedisClients.connect(free, Duration.ofSeconds(5));
            redis.getKeys().delete("turnstile:{line}:state");
            redis.shutdown();
        }
    }

    private static void assertRefused(ServerAddresses servers, String what, String remedy) {
        ProjectFiles project = ProjectFiles.locate();
        try (RunFolder run = RunFolder.open(project.runs())) {
            ChildProcess api = SharedSystem.process(
                    run,
                    project.applicationJar("api"),
                    "api-stranger",
                    new FreePorts(new SecureRandom()).next(),
                    List.of(),
                    List.of(
                            "--spring.kafka.bootstrap-servers=" + servers.kafka(),
                            "--spring.datasource.url=" + servers.jdbcUrl(),
                            "--spring.datasource.username=" + servers.jdbcUser(),
                            "--turnstile.line.redis=" + servers.lineRedis()),
                    Map.of("SPRING_DATASOURCE_PASSWORD", servers.jdbcPassword()));
            assertThatThrownBy(api::start)
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("ended with code 1 before it was ready")
                    .hasMessageContaining(what)
                    .hasMessageContaining(remedy);
        }
    }

    private ServerAddresses on(URI lineRedis) {
        return new ServerAddresses(
                shared.kafka(),
                shared.jdbcUrl().replaceFirst("/[a-z]+\\?", "/" + schema + "?"),
                shared.jdbcUser(),
                shared.jdbcPassword(),
                lineRedis,
                shared.redlockNodes());
    }

    private DataSource dataSource(String url) {
        return new DriverManagerDataSource(url, shared.jdbcUser(), shared.jdbcPassword());
    }
}
