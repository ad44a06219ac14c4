package dev.turnstile.startup;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.mock.env.MockEnvironment;

class RequiredServersTest {

    private final MockEnvironment environment = new MockEnvironment().withProperty("turnstile.startup.wait", "0s");
    private ServerSocket up;
    private int down;

    @BeforeEach
    void openOneServerAndFindAPortWithNone() throws IOException {
        up = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            down = closed.getLocalPort();
        }
    }

    @AfterEach
    void closeServer() throws IOException {
        up.close();
    }

    @Test
    void passesWhenEveryServerAccepts() {
        environment.setProperty("spring.kafka.bootstrap-servers", "127.0.0.1:" + up.getLocalPort());
        environment.setProperty(
                "spring.datasource.url", "jdbc:mysql://127.0.0.1:" + up.getLocalPort() + "/turnstile?useSSL=false");
        environment.setProperty("turnstile.line.redis", "redis://user:secret@127.0.0.1:" + up.getLocalPort());
        assertThatCode(() -> check(Server.KAFKA, Server.MYSQL, Server.LINE_REDIS))
                .doesNotThrowAnyException();
    }

    @Test
    void namesServerAddressAndPropertyOfWhatIsUnreachable() {
        environment.setProperty("spring.datasource.url", "jdbc:mysql://127.0.0.1:" + down + "/turnstile");
        assertThatThrownBy(() -> check(Server.MYSQL))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("MySQL at 127.0.0.1:" + down + " (spring.datasource.url): connection refused")
                .hasMessageContaining("turnstile.startup.wait");
    }

    @Test
    void namesAllUnreachableServersTogether() {
        environment.setProperty("spring.kafka.bootstrap-servers", "127.0.0.1:" + down);
        environment.setProperty("turnstile.line.redis", "redis://127.0.0.1:" + down);
        assertThatThrownBy(() -> check(Server.KAFKA, Server.LINE_REDIS))
                .hasMessageContaining("Kafka at 127.0.0.1:" + down)
                .hasMessageContaining("Redis of the ticket line at 127.0.0.1:" + down);
    }

    @Test
    void passesWhenAServerComesUpWhileItWaits() throws IOException {
        environment.setProperty("turnstile.startup.wait", "20s");
        environment.setProperty("turnstile.line.redis", "redis://127.0.0.1:" + down);
        Thread starter = new Thread(() -> {
            try (ServerSocket late = new ServerSocket(down, 1, InetAddress.getLoopbackAddress())) {
                late.accept().close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        starter.start();
        assertThatCode(() -> check(Server.LINE_REDIS)).doesNotThrowAnyException();
    }

    @Test
    void oneBrokerIsEnough() {
        environment.setProperty(
                "spring.kafka.bootstrap-servers", "127.0.0.1:" + down + ",127.0.0.1:" + up.getLocalPort());
        assertThatCode(() -> check(Server.KAFKA)).doesNotThrowAnyException();
    }

    @Test
    void aMajorityOfRedlockNodesIsNeeded() {
        String good = "redis://127.0.0.1:" + up.getLocalPort();
        String bad = "redis://127.0.0.1:" + down;
        environment.setProperty("turnstile.redlock.nodes", good + "," + bad + "," + good);
        assertThatCode(() -> check(Server.REDLOCK_NODES)).doesNotThrowAnyException();

        environment.setProperty("turnstile.redlock.nodes", good + "," + bad + "," + bad);
        assertThatThrownBy(() -> check(Server.REDLOCK_NODES)).isInstanceOf(StartupException.class);
    }

    @Test
    void namesAMissingPropertyAndShowsAnExample() {
        assertThatThrownBy(() -> check(Server.LINE_REDIS))
                .isInstanceOf(StartupException.class)
                .hasMessage("turnstile.line.redis is not set: it says where Redis of the ticket line is,"
                        + " for example --turnstile.line.redis=redis://line.example.com:6379");
    }

    @Test
    void refusesAddressesItDoesNotUnderstand() {
        environment.setProperty("turnstile.line.redis", "localhost:6379");
        assertThatThrownBy(() -> check(Server.LINE_REDIS)).hasMessageContaining("turnstile.line.redis");
        environment.setProperty("spring.datasource.url", "jdbc:postgresql://localhost/x");
        assertThatThrownBy(() -> check(Server.MYSQL)).hasMessageContaining("jdbc:mysql://");
        environment.setProperty("spring.kafka.bootstrap-servers", "localhost:99999");
        assertThatThrownBy(() -> check(Server.KAFKA)).hasMessageContaining("99999");
        environment.setProperty("turnstile.startup.wait", "soon");
        assertThatThrownBy(() -> check()).hasMessageContaining("turnstile.startup.wait");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "LINE_REDIS turnstile.line.redis redis://:s3cret@127.0.0.1:6379?database=2",
                "LINE_REDIS turnstile.line.redis 'redis://:s3 cret@127.0.0.1:6379'",
                "REDLOCK_NODES turnstile.redlock.nodes redis://:s3cret@127.0.0.1:6379/locks",
                "KAFKA spring.kafka.bootstrap-servers user:s3cret@127.0.0.1:9092",
                "KAFKA spring.kafka.bootstrap-servers 127.0.0.1:9092/s3cret",
                "KAFKA spring.kafka.bootstrap-servers 127.0.0.1/s3cret",
                "MYSQL spring.datasource.url jdbc:mysql://user:s3cret@127.0.0.1/turnstile",
                "MYSQL spring.datasource.url jdbc:mysql://127.0.0.1/turnstile?sslMode=REQUIRED&password=s3cret",
                "MYSQL spring.datasource.url jdbc:mysql://127.0.0.1/turnstile#s3cret",
                "MYSQL spring.datasource.url jdbc:mysql://(host=127.0.0.1,password=s3cret)/turnstile",
                "MYSQL spring.datasource.url jdbc:mysql://(password=s3cret,host=127.0.0.1)/turnstile",
                "MYSQL spring.datasource.url jdbc:mysql://address=(password=s3cret)(host=127.0.0.1)/turnstile",
                "MYSQL spring.datasource.url jdbc:mysql://[(host=a,password=s3cret),(host=b)]/turnstile",
                "MYSQL spring.datasource.url jdbc:mysql://127.0.0.1/turnstile?%70assword=s3cret",
                "MYSQL spring.datasource.url jdbc:mysql://127.0.0.1/turnstile?a=b&passWord1=s3cret",
                "MYSQL spring.datasource.url jdbc:mysql://127.0.0.1/turnstile;password=s3cret",
                "MYSQL spring.datasource.url jdbc:mysql://user:s3cret/turnstile",
                "MYSQL spring.datasource.url jdbc:mysql://127.0.0.1/turnstile?%s3cret=a",
                "KAFKA spring.kafka.bootstrap-servers user:s3cret",
            })
    void refusesWhatNothingWouldUseAndShowsNoPassword(Server server, String property, String value) {
        environment.setProperty(property, value);
        assertThatThrownBy(() -> check(server))
                .isInstanceOf(StartupException.class)
                .message()
                .startsWith(property + " is not understood (")
                .doesNotContain("s3", "\n");
    }

    private void check(Server... servers) {
        RequiredServers.of(servers)
                .onApplicationEvent(new ApplicationEnvironmentPreparedEvent(
                        mock(ConfigurableBootstrapContext.class), new SpringApplication(), new String[0], environment));
    }
}
