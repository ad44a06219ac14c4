package dev.turnstile.local.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnstile.local.fault.TcpProxy.Direction;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.ServerStack;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.redis.RedisClients;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.redisson.api.RedissonClient;
import org.redisson.api.redisnode.RedisNodes;

/** Wires of two processes to real servers. */
class NetworkIT {

    private static final int PATIENCE_MS = 3_000;

    private Network network;

    @BeforeEach
    void lay() {
        assumeTrue(SharedStack.get().embedded().isPresent(), "needs a broker with doors");
        network = Network.before(SharedStack.get().embedded().orElseThrow());
    }

    @AfterEach
    void close() {
        if (network != null) {
            network.close();
        }
    }

    private static Node broker(ServerAddresses servers) throws Exception {
        try (Admin admin = Admin.create(Map.of(
                "bootstrap.servers", servers.kafka(),
                "request.timeout.ms", PATIENCE_MS,
                "default.api.timeout.ms", PATIENCE_MS))) {
            return admin.describeCluster(new DescribeClusterOptions().timeoutMs(PATIENCE_MS))
                    .nodes()
                    .get(2L * PATIENCE_MS, TimeUnit.MILLISECONDS)
                    .iterator()
                    .next();
        }
    }

    private static void select(ServerAddresses servers) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                servers.jdbcUrl() + "&connectTimeout=" + PATIENCE_MS, servers.jdbcUser(), servers.jdbcPassword())) {
            assertThat(connection.isValid(PATIENCE_MS / 1000)).isTrue();
        }
    }

    private static boolean ping(ServerAddresses servers) {
        RedissonClient redis = RedisClients.connect(servers.lineRedis(), Duration.ofMillis(PATIENCE_MS));
        try {
            return redis.getRedisNodes(RedisNodes.SINGLE).getInstance().ping();
        } finally {
            redis.shutdown();
        }
    }

    @Test
    void aProcessFindsEveryServerBehindItsOwnWires() throws Exception {
        ServerStack stack = SharedStack.get().embedded().orElseThrow();
        ServerAddresses one = network.addresses("one");
        ServerAddresses other = network.addresses("other");

        assertThat(network.addresses("one")).isEqualTo(one);
        assertThat(one.jdbcUrl()).startsWith("jdbc:mysql://127.0.0.1:").endsWith("allowPublicKeyRetrieval=true");
        assertThat(network.wiresOf("one")).hasSize(3 + stack.redlockNodes().size());
        assertThat(network.wires()).hasSize(2 * (3 + stack.redlockNodes().size()));
        assertThat(one.redlockNodes()).hasSameSizeAs(stack.addresses().redlockNodes());
        for (ServerAddresses servers : List.of(one, other)) {
            assertThat("127.0.0.1:" + broker(servers).port())
                    .as("the broker calls its clients back to their wire")
                    .isEqualTo(servers.kafka())
                    .isNotEqualTo(stack.addresses().kafka());
            select(servers);
            assertThat(ping(servers)).isTrue();
        }
    }

    @Test
    void oneProcessAloneIsCutOffFromOneServerAlone() throws Exception {
        ServerAddresses one = network.addresses("one");
        ServerAddresses other = network.addresses("other");

        try (FaultHandle healing = network.wire("one", Network.KAFKA).cut()) {
            assertThatThrownBy(() -> broker(one)).isInstanceOf(ExecutionException.class);
            select(one);
            broker(other);
        }
        broker(one);
    }

    @Test
    void allProcessesAreCutOffFromOneServer() throws Exception {
        ServerAddresses one = network.addresses("one");
        ServerAddresses other = network.addresses("other");

        try (FaultHandle healing = Network.onEach(network.wiresTo(Network.MYSQL), TcpProxy::cut)) {
            for (ServerAddresses servers : List.of(one, other)) {
                assertThatThrownBy(() -> select(servers)).isInstanceOf(SQLException.class);
                assertThat(ping(servers)).isTrue();
            }
        }
        select(one);
        select(other);
    }

    @Test
    void wiresCanBeSlow() throws Exception {
        ServerAddresses one = network.addresses("one");
        network.wire("one", Network.MYSQL).delay(Direction.TO_CLIENT, Duration.ofMillis(200), Duration.ZERO);
        long begun = System.nanoTime();
        select(one);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(400));
        network.pass();
    }

    @Test
    void itsDoorsCanBeUsedAgain() throws Exception {
        for (int i = 0; i < 12; i++) {
            network.addresses("one");
            network.close();
            network = Network.before(SharedStack.get().embedded().orElseThrow());
        }
        broker(network.addresses("one"));
        assertThatThrownBy(() -> network.wire("two", Network.KAFKA)).hasMessageContaining("two");
        assertThatThrownBy(() -> network.wire("one", "oracle")).hasMessageContaining("redlock-1");
    }
}
