package dev.turnstile.local.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The embedded servers under the faults that later tests are made of. Each test starts only the servers it needs. */
class ServerStackIT {

    private static final String NOWHERE = "127.0.0.1:1";
    private static final ExternalServers.Jdbc NO_DATABASE =
            new ExternalServers.Jdbc("jdbc:mysql://" + NOWHERE + "/x", "x", "x");
    private static final URI NO_REDIS = URI.create("redis://" + NOWHERE);

    private final ProjectFiles project = ProjectFiles.locate();
    private final RunFolder run = RunFolder.open(project.runs());
    private final List<String> notices = new ArrayList<>();

    @AfterEach
    void endRun() {
        run.close();
    }

    private ServerStack start(ExternalServers own) {
        return ServerStack.start(project, run, own, null, notices::add);
    }

    @Test
    void kafkaKeepsItsTopicsOverAKillAndListensWhereItDid() throws Exception {
        ServerStack stack = start(new ExternalServers(null, NO_DATABASE, NO_REDIS, List.of(NO_REDIS)));
        try (Admin admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, stack.addresses().kafka()))) {
            admin.createTopics(List.of(new NewTopic("kept", 1, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);

            stack.kafka().process().kill();
            stack.kafka().process().start();

            assertThat(admin.listTopics().names().get(60, TimeUnit.SECONDS)).isEqualTo(Set.of("kept"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void bothDatabasesStartAndKeepWhatTheyCommittedOverAKill(Database database) throws SQLException {
        assumeLoads(database);
        ServerStack stack = ServerStack.start(
                project, run, new ExternalServers(NOWHERE, null, NO_REDIS, List.of(NO_REDIS)), database, notices::add);
        try (Connection connection = connect(stack.addresses());
                Statement statement = connection.createStatement()) {
            assertThat(connection.getMetaData().getDatabaseProductVersion())
                    .contains(database == Database.MYSQL ? "8.0.31" : "11.4.5-MariaDB");
            assertThat(oneValue(statement, "SELECT @@innodb_flush_log_at_trx_commit"))
                    .isEqualTo("1");
            statement.execute("CREATE TABLE kept (id INT PRIMARY KEY)");
            statement.execute("INSERT INTO kept VALUES (42)");
        }

        stack.database().process().kill();
        stack.database().process().start();

        try (Connection connection = connect(stack.addresses());
                Statement statement = connection.createStatement()) {
            assertThat(oneValue(statement, "SELECT id FROM kept")).isEqualTo("42");
        }
        assertThat(notices).isEmpty();
    }

    /** A machine may lack what a database's program wants of it, but not what Turnstile brings along. */
    private void assumeLoads(Database database) {
        String problem = MySqlServer.whyItDoesNotLoad(database, new Binaries(project, run, Platform.current()));
        if (problem != null) {
            assertThat(problem).as("Turnstile brings libaio along").doesNotContain("libaio");
        }
        assumeTrue(problem == null, problem);
    }

    private static Connection connect(ServerAddresses addresses) throws SQLException {
        return DriverManager.getConnection(addresses.jdbcUrl(), addresses.jdbcUser(), addresses.jdbcPassword());
    }

    private static String oneValue(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    @Test
    void lineRedisRemembersAndRedlockNodesForgetWhenTheyRestart() throws IOException {
        ServerStack stack = start(new ExternalServers(NOWHERE, NO_DATABASE, null, List.of()));
        RedisServer line = stack.lineRedis();
        RedisServer node = stack.redlockNodes().get(1);
        assertThat(ask(line, "SET key value")).isEqualTo("+OK");
        assertThat(ask(node, "SET key value")).isEqualTo("+OK");

        for (RedisServer server : List.of(line, node)) {
            server.process().stop();
            server.process().start();
        }

        assertThat(ask(line, "EXISTS key")).isEqualTo(":1");
        assertThat(ask(node, "EXISTS key")).isEqualTo(":0");
    }

    @Test
    void frozenServerKeepsItsConnectionsAndAnswersLater() throws IOException {
        ServerStack stack = start(new ExternalServers(NOWHERE, NO_DATABASE, null, List.of(NO_REDIS)));
        RedisServer redis = stack.lineRedis();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
            redis.process().suspend();
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.setSoTimeout(200);
            assertThatThrownBy(() -> line(socket.getInputStream())).isInstanceOf(SocketTimeoutException.class);

            redis.process().resume();
            socket.setSoTimeout(20_000);
            assertThat(line(socket.getInputStream())).isEqualTo("+PONG");
        }
    }

    @Test
    void ownServersAreTakenAsTheyAre() throws IOException {
        URI node = URI.create("redis://" + NOWHERE);
        ServerStack stack = start(new ExternalServers(NOWHERE, NO_DATABASE, null, List.of(node, node, node)));

        assertThat(stack.processes()).extracting(ChildProcess::name).containsExactly("redis-line");
        assertThat(stack.addresses().kafka()).isEqualTo(NOWHERE);
        assertThat(stack.addresses().jdbcUrl()).isEqualTo(NO_DATABASE.url());
        assertThat(stack.addresses().redlockNodes()).containsExactly(node, node, node);
        assertThatThrownBy(stack::kafka).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void nothingIsLeftWhenTheRunEnds() throws IOException {
        ServerStack stack = start(new ExternalServers(NOWHERE, NO_DATABASE, null, List.of()));
        assertThat(stack.processes()).hasSize(4).allMatch(ChildProcess::isRunning);
        Path folder = run.logs().resolveSibling(".").normalize();

        run.close();

        assertThat(stack.processes()).noneMatch(ChildProcess::isRunning);
        assertThat(folder).doesNotExist();
        try (Stream<Path> temporary = Files.list(project.binaries())) {
            assertThat(temporary).isNotEmpty();
        }
    }

    private static String ask(RedisServer redis, String command) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            return line(socket.getInputStream());
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int read = in.read(); read >= 0 && read != '\r'; read = in.read()) {
            if (read != '\n') {
                line.append((char) read);
            }
        }
        return line.toString();
    }
}
