package dev.turnstile.local.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.turnstile.local.fault.TcpProxy.Direction;
import dev.turnstile.local.process.FreePorts;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A proxy before a server that echoes. Times are bounded below; above only so that a hang is found. */
@Timeout(30)
class TcpProxyIT {

    private static final int PATIENCE_MS = 10_000;
    private static final int SILENCE_MS = 200;

    private final EventLoopGroup threads = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private EchoServer server;
    private TcpProxy proxy;

    @BeforeEach
    void open() throws IOException {
        Random random = new Random();
        server = new EchoServer();
        proxy = TcpProxy.open(threads.next(), random, "test to echo", new FreePorts(random).next(), server.address());
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
        server.close();
        threads.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(PATIENCE_MS);
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()), PATIENCE_MS);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String receive(Socket socket, int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
    }

    private static String echo(Socket socket, String text) throws IOException {
        send(socket, text);
        return receive(socket, text.length());
    }

    private static Duration since(long begun) {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private static void assertSilent(Socket socket) throws IOException {
        socket.setSoTimeout(SILENCE_MS);
        assertThatThrownBy(() -> socket.getInputStream().read())
                .as("open, and silent")
                .isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(PATIENCE_MS);
    }

    @Test
    void passesAllBytesInTheirOrderAndTheEnd() throws Exception {
        byte[] bytes = new byte[5_000_000];
        new Random().nextBytes(bytes);
        try (Socket socket = connect()) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    socket.getOutputStream().write(bytes);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(socket.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
            sending.join();
            assertThat(proxy.connections()).isEqualTo(1);
        }
        await().until(() -> server.accepted().get(0).isClosed() && proxy.connections() == 0);
    }

    @Test
    void passesTheEndAndTheResetOfTheServer() throws Exception {
        try (Socket ended = connect();
                Socket reset = connect()) {
            echo(ended, "a");
            server.accepted().get(0).close();
            assertThat(ended.getInputStream().read()).isEqualTo(-1);

            echo(reset, "a");
            server.accepted().get(1).setSoLinger(true, 0);
            server.accepted().get(1).close();
            assertThatThrownBy(() -> reset.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void cutResetsConnectionsAndRefusesNewOnesUntilItIsHealed() throws Exception {
        try (Socket open = connect()) {
            echo(open, "a");

            FaultHandle healing = proxy.cut();

            assertThatThrownBy(() -> open.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            // the system closes the port when the proxy's loop comes round again
            await().untilAsserted(
                            () -> assertThatThrownBy(() -> connect().close()).isInstanceOf(ConnectException.class));
            await().until(() -> server.accepted().get(0).isClosed());
            healing.heal();
            healing.heal();
            try (Socket again = connect()) {
                assertThat(echo(again, "hello")).isEqualTo("hello");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Direction.class)
    void delayComesOnTopInItsDirectionAlone(Direction direction) throws Exception {
        try (Socket socket = connect()) {
            echo(socket, "warm");
            try (FaultHandle healing = proxy.delay(direction, Duration.ofMillis(300), Duration.ofMillis(100))) {
                long begun = System.nanoTime();
                send(socket, "hello");
                if (direction == Direction.TO_CLIENT) {
                    await().pollInterval(Duration.ofMillis(1)).until(() -> server.received() == 9);
                    assertThat(since(begun)).as("there").isLessThan(Duration.ofMillis(200));
                }
                assertThat(receive(socket, 5)).isEqualTo("hello");
                assertThat(since(begun)).as("there and back").isGreaterThan(Duration.ofMillis(195));
            }
            long begun = System.nanoTime();
            echo(socket, "hello");
            assertThat(since(begun)).as("healed").isLessThan(Duration.ofMillis(200));
        }
    }

    @Test
    void jitterNeverChangesTheOrder() throws Exception {
        proxy.delay(Direction.TO_SERVER, Duration.ofMillis(10), Duration.ofMillis(10));
        try (Socket socket = connect()) {
            StringBuilder sent = new StringBuilder();
            for (int i = 0; i < 300; i++) {
                String piece = i + ",";
                send(socket, piece);
                sent.append(piece);
            }
            assertThat(receive(socket, sent.length())).isEqualTo(sent.toString());
        }
    }

    @Test
    void healingDeliversWhatWasDelayed() throws Exception {
        FaultHandle healing = proxy.delay(Direction.TO_SERVER, Duration.ofHours(1), Duration.ZERO);
        try (Socket socket = connect()) {
            send(socket, "late");
            assertSilent(socket);

            healing.heal();

            assertThat(receive(socket, 4)).isEqualTo("late");
        }
    }

    @Test
    void throttleIsThatOfTheWireAndNotOfEachConnection() throws Exception {
        proxy.throttle(Direction.TO_SERVER, 100_000);
        long begun = System.nanoTime();
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Socket socket = connect();
            sockets.add(socket);
            send(socket, "x".repeat(30_000));
        }
        for (Socket socket : sockets) {
            assertThat(receive(socket, 30_000)).hasSize(30_000);
            socket.close();
        }
        assertThat(since(begun)).as("60 kB at 100 kB/s").isBetween(Duration.ofMillis(550), Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @EnumSource(Direction.class)
    void halfOpenConnectionsStayOpenAndSwallowOneDirection(Direction direction) throws Exception {
        try (Socket before = connect()) {
            echo(before, "warm");
            FaultHandle healing = proxy.swallow(direction);
            try (Socket during = connect()) {
                send(before, "lost");
                send(during, "lost");
                assertSilent(before);
                assertSilent(during);
                if (direction == Direction.TO_CLIENT) {
                    await().until(() -> server.received() == 4 + 8);
                } else {
                    assertThat(server.received()).isEqualTo(4);
                }

                healing.heal();

                for (Socket socket : List.of(before, during)) {
                    assertThatThrownBy(() -> socket.getInputStream().read())
                            .as("what was lost leaves a gap")
                            .isInstanceOf(SocketException.class)
                            .hasMessageContaining("reset");
                }
                try (Socket after = connect()) {
                    assertThat(echo(after, "hello")).isEqualTo("hello");
                }
            }
        }
    }

    @Test
    void theEndOfASwallowedSideIsSwallowedToo() throws Exception {
        Socket socket = connect();
        echo(socket, "warm");
        proxy.swallow(Direction.TO_SERVER);

        socket.close();

        Socket accepted = server.accepted().get(0);
        await().during(Duration.ofMillis(SILENCE_MS)).until(() -> !accepted.isClosed());
        proxy.pass();
        await().until(accepted::isClosed);
        assertThat(proxy.connections()).isZero();
    }

    @Test
    void holdsNoMoreThanItMay() throws Exception {
        proxy.delay(Direction.TO_SERVER, Duration.ofHours(1), Duration.ZERO);
        ByteBuffer bytes = ByteBuffer.allocate(100_000);
        long taken = 0;
        try (SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()))) {
            channel.configureBlocking(false);
            long lastTaken = System.nanoTime();
            while (since(lastTaken).toMillis() < SILENCE_MS) {
                int count = channel.write(bytes.clear());
                if (count > 0) {
                    taken += count;
                    lastTaken = System.nanoTime();
                }
                assertThat(taken).as("a megabyte and the kernel's buffers").isLessThan(40_000_000);
            }
        }
        assertThat(taken).isGreaterThan(1_000_000);
    }

    @Test
    void aServerThatIsAwayResetsItsClients() throws Exception {
        server.close();
        // A connection that was made while the server went away may hang; one that is made after it does not.
        // The reset may come before connect has returned.
        await().untilAsserted(() -> assertThatThrownBy(() -> {
                    try (Socket socket = connect()) {
                        socket.setSoTimeout(SILENCE_MS);
                        socket.getInputStream().read();
                    }
                })
                .isInstanceOf(SocketException.class));
    }

    @Test
    void impossibleFaultsAreRefused() {
        assertThatThrownBy(() -> proxy.throttle(Direction.TO_SERVER, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> proxy.delay(Direction.TO_SERVER, Duration.ofMillis(-1), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
