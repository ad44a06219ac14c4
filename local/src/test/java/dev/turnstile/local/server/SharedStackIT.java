package dev.turnstile.local.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.api.redisnode.RedisNodes;
import org.redisson.config.Config;

/** Every server of the shared stack does its work, whatever it runs on. */
class SharedStackIT {

    private final ServerAddresses addresses = SharedStack.get().addresses();

    @Test
    void kafkaMakesTopics() throws Exception {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, addresses.kafka()))) {
            String topic = "shared-stack-it";
            admin.createTopics(List.of(new NewTopic(topic, 12, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);

            // a broker hears of a topic a moment after it is made
            await().ignoreException(ExecutionException.class).untilAsserted(() -> assertThat(
                            admin.describeTopics(List.of(topic)).allTopicNames().get(30, TimeUnit.SECONDS))
                    .hasEntrySatisfying(topic, description -> assertThat(description.partitions())
                            .hasSize(12)));
        }
    }

    @Test
    void databaseHasTheSchemaAndItsOwnerMayChangeIt() throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        addresses.jdbcUrl(), addresses.jdbcUser(), addresses.jdbcPassword());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE shared_stack_it (id INT PRIMARY KEY)");
            statement.execute("INSERT INTO shared_stack_it VALUES (1)");
            try (ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM shared_stack_it")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(1);
            }
            statement.execute("DROP TABLE shared_stack_it");
        }
    }

    @Test
    void lineAndRedlockNodesAreIndependentRedisMasters() {
        List<URI> uris = new ArrayList<>(addresses.redlockNodes());
        uris.add(addresses.lineRedis());
        assertThat(new HashSet<>(uris)).hasSize(1 + ServerStack.REDLOCK_NODES);
        for (URI uri : uris) {
            Config config = new Config();
            config.useSingleServer()
                    .setAddress(uri.toString())
                    .setConnectionPoolSize(2)
                    .setConnectionMinimumIdleSize(1)
                    .setSubscriptionConnectionMinimumIdleSize(0);
            RedissonClient redis = Redisson.create(config);
            try {
                assertThat(redis.getRedisNodes(RedisNodes.SINGLE).pingAll()).isTrue();
                assertThat(redis.getBucket("shared-stack-it").setIfAbsent(uri.toString()))
                        .isTrue();
                redis.getBucket("shared-stack-it").delete();
            } finally {
                redis.shutdown();
            }
        }
    }
}
