package dev.turnstile.local.fault;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A wire to one server that can be spoiled: cut, slow, narrow, or swallowing what is sent. Faults of one direction add
 * up; {@link #pass()}, and the healing of any of them, ends all. Each call returns when its effect is in place. Safe
 * for use by any thread.
 *
 * <p>The end of one side is forwarded when what it had sent before is delivered; a reset at once. Half-closed
 * connections, of which only one direction has ended, are not kept.
 */
public final class TcpProxy implements AutoCloseable {

    /** One way through the proxy. */
    public enum Direction {
        /** What the client sends. */
        TO_SERVER,
        /** What the server sends. */
        TO_CLIENT
    }

    private static final int CONNECT_PATIENCE_MS = 5_000;

    private final EventLoop loop;
    private final String name;
    private final InetSocketAddress address;
    private final InetSocketAddress server;
    private final Lane toServer;
    private final Lane toClient;

    // used on the event loop alone
    private final Set<ProxyConnection> connections = new LinkedHashSet<>();
    private @Nullable Channel listening;

    private TcpProxy(EventLoop loop, RandomGenerator random, String name, int port, InetSocketAddress server) {
        this.loop = loop;
        this.name = name;
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.server = server;
        this.toServer = new Lane(random);
        this.toClient = new Lane(random);
    }

    /**
     * Opens a proxy on the loopback interface.
     *
     * @param loop does all its work
     * @param random chooses delays within their jitter
     * @param name whose wire to what it is
     * @param port where to listen
     * @throws IllegalStateException if the port is taken
     */
    static TcpProxy open(EventLoop loop, RandomGenerator random, String name, int port, InetSocketAddress server) {
        TcpProxy proxy = new TcpProxy(loop, random, name, port, server);
        proxy.listen();
        return proxy;
    }

    private void listen() {
        ChannelFuture bound = new ServerBootstrap()
                .group(loop, loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel client) {
                        connect(client);
                    }
                })
                .bind(address);
        bound.addListener(done -> listening = done.isSuccess() ? bound.channel() : null);
        if (!bound.awaitUninterruptibly().isSuccess()) {
            throw new IllegalStateException("the proxy " + name + " can't listen on " + address, bound.cause());
        }
    }

    private void connect(SocketChannel client) {
        ChannelFuture connected = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_PATIENCE_MS)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(server);
        connected.addListener(done -> {
            // A client that came just before a cut is cut off, too.
            if (!done.isSuccess() || listening == null || !client.isOpen()) {
                ProxyConnection.reset(client);
                ProxyConnection.reset(connected.channel());
                return;
            }
            ProxyConnection connection = new ProxyConnection(client, connected.channel(), toServer, toClient);
            connections.add(connection);
            connection.begin(() -> connections.remove(connection));
        });
    }

    /** Whose wire to what it is. */
    public String name() {
        return name;
    }

    /** Where it listens on the loopback interface. */
    public int port() {
        return address.getPort();
    }

    /** How many connections go through it now. */
    public int connections() {
        return ask(connections::size);
    }

    /**
     * Ends all faults. Delayed bytes are delivered now; connections with swallowed bytes are reset.
     *
     * @throws IllegalStateException if it was cut and another process has taken its port meanwhile
     */
    public void pass() {
        boolean closed = ask(() -> {
            toServer.clear();
            toClient.clear();
            List.copyOf(connections).forEach(ProxyConnection::heal);
            return listening == null;
        });
        if (closed) {
            listen();
        }
    }

    /** Resets all connections and refuses new ones. */
    public FaultHandle cut() {
        close();
        return healing();
    }

    /**
     * Delivers what comes from now on so much later, each piece by another time within the jitter, and none before
     * those sent before it.
     *
     * @throws IllegalArgumentException if one is negative
     */
    public FaultHandle delay(Direction direction, Duration delay, Duration jitter) {
        if (delay.isNegative() || jitter.isNegative()) {
            throw new IllegalArgumentException("delay and jitter must not be negative");
        }
        perform(() -> lane(direction).delay(delay, jitter));
        return healing();
    }

    /**
     * Lets so many bytes per second through, of all connections together.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public FaultHandle throttle(Direction direction, long bytesPerSecond) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("a throttle lets at least 1 byte per second through");
        }
        perform(() -> lane(direction).throttle(bytesPerSecond));
        return healing();
    }

    /**
     * Takes what is sent and delivers it never, while connections stay open and new ones are accepted: half-open, as
     * when a firewall forgets about them. That one side closes or resets a connection is swallowed, too.
     */
    public FaultHandle swallow(Direction direction) {
        perform(() -> lane(direction).swallow());
        return healing();
    }

    private Lane lane(Direction direction) {
        return switch (direction) {
            case TO_SERVER -> toServer;
            case TO_CLIENT -> toClient;
        };
    }

    private FaultHandle healing() {
        return FaultHandle.once(this::pass);
    }

    /** Resets all connections and gives the port back. */
    @Override
    public void close() {
        Optional<Channel> closing = ask(() -> {
            Channel channel = listening;
            listening = null;
            List.copyOf(connections).forEach(ProxyConnection::reset);
            return Optional.ofNullable(channel);
        });
        closing.ifPresent(channel -> channel.close().awaitUninterruptibly());
    }

    private void perform(Runnable task) {
        loop.submit(task).syncUninterruptibly();
    }

    private <T> T ask(Callable<T> question) {
        return loop.submit(question).syncUninterruptibly().getNow();
    }

    @Override
    public String toString() {
        return name + " on port " + port();
    }
}
