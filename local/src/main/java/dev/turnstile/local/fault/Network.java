package dev.turnstile.local.fault;

import dev.turnstile.local.process.FreePorts;
import dev.turnstile.local.server.KafkaListeners;
import dev.turnstile.local.server.KafkaListeners.Door;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.ServerStack;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Wires between processes and servers: a {@link TcpProxy} per process and server, so that one worker alone can be cut
 * off from one server, or all of them from it, or one from all. Processes that are given the same name share their
 * wires.
 *
 * <p>The servers are named {@value #KAFKA}, {@value #MYSQL}, {@value #LINE_REDIS} and {@code redlock-1}, {@code
 * redlock-2}, … Safe for use by any thread.
 */
public final class Network implements AutoCloseable {

    /** The broker. */
    public static final String KAFKA = "kafka";
    /** The ledger's database. */
    public static final String MYSQL = "mysql";
    /** The Redis of the ticket line and the stock cache. */
    public static final String LINE_REDIS = "redis-line";

    private static final String LOOPBACK = "127.0.0.1";
    private static final int MYSQL_PORT = 3306;
    private static final int REDIS_PORT = 6379;
    private static final int THREADS = 2;
    private static final String JDBC = "jdbc:";

    private final ServerAddresses servers;
    private final KafkaListeners doors;
    private final FreePorts ports;
    private final RandomGenerator random;
    private final EventLoopGroup threads = new MultiThreadIoEventLoopGroup(
            THREADS, new DefaultThreadFactory("network", true), NioIoHandler.newFactory());
    private final Map<String, Wires> wires = new LinkedHashMap<>();
    private final List<Door> taken = new ArrayList<>();

    private record Wires(ServerAddresses addresses, Map<String, TcpProxy> byServer) {}

    private Network(ServerAddresses servers, KafkaListeners doors, RandomGenerator random) {
        this.servers = servers;
        this.doors = doors;
        this.random = random;
        this.ports = new FreePorts(random);
    }

    /**
     * A network before these servers, with no wires yet.
     *
     * @param servers started with a door of the broker for each process that is to get wires
     * @throws IllegalStateException if the broker is not embedded
     */
    public static Network before(ServerStack servers) {
        return new Network(servers.addresses(), servers.kafka().doors(), new SecureRandom());
    }

    /**
     * Where a process finds the servers through wires of its own, which are laid when it is first asked for.
     *
     * @throws IllegalStateException if the broker has no door left
     */
    public synchronized ServerAddresses addresses(String process) {
        return wires.computeIfAbsent(process, this::lay).addresses();
    }

    /** The wire from a process to a server. */
    public synchronized TcpProxy wire(String process, String server) {
        return find(find(wires, process).byServer(), server);
    }

    /** All wires of a process. */
    public synchronized List<TcpProxy> wiresOf(String process) {
        return List.copyOf(find(wires, process).byServer().values());
    }

    /** The wires of all processes to a server. */
    public synchronized List<TcpProxy> wiresTo(String server) {
        return wires.values().stream()
                .map(each -> find(each.byServer(), server))
                .toList();
    }

    /** The name of a master of Redlock, the first of which has the number 0. */
    public static String redlockNode(int number) {
        return "redlock-" + (number + 1);
    }

    /** All wires. */
    public synchronized List<TcpProxy> wires() {
        return wires.values().stream()
                .flatMap(each -> each.byServer().values().stream())
                .toList();
    }

    private static <T> T find(Map<String, T> all, String name) {
        T found = all.get(name);
        if (found == null) {
            throw new IllegalArgumentException("there is no wire of " + name + ", only of " + all.keySet());
        }
        return found;
    }

    /** Makes the same fault on several wires. */
    public static FaultHandle onEach(Collection<TcpProxy> wires, Function<TcpProxy, FaultHandle> fault) {
        return FaultHandle.all(wires.stream().map(fault).collect(Collectors.toList()));
    }

    /** Ends all faults on all wires. */
    public void pass() {
        wires().forEach(TcpProxy::pass);
    }

    private Wires lay(String process) {
        Door door = doors.take();
        taken.add(door);
        Map<String, TcpProxy> laid = new LinkedHashMap<>();
        lay(process, KAFKA, door.advertisedPort(), LOOPBACK, door.port(), laid);
        URI mysql = behindAWire(process, MYSQL, URI.create(servers.jdbcUrl().substring(JDBC.length())), laid);
        URI lineRedis = behindAWire(process, LINE_REDIS, servers.lineRedis(), laid);
        List<URI> nodes = new ArrayList<>();
        for (URI node : servers.redlockNodes()) {
            nodes.add(behindAWire(process, redlockNode(nodes.size()), node, laid));
        }
        return new Wires(
                new ServerAddresses(
                        LOOPBACK + ":" + door.advertisedPort(),
                        JDBC + mysql,
                        servers.jdbcUser(),
                        servers.jdbcPassword(),
                        lineRedis,
                        nodes),
                laid);
    }

    private void lay(String process, String server, int port, String host, int serverPort, Map<String, TcpProxy> laid) {
        InetSocketAddress address = new InetSocketAddress(host, serverPort);
        laid.put(server, TcpProxy.open(threads.next(), random, process + " to " + server, port, address));
    }

    private URI behindAWire(String process, String server, URI address, Map<String, TcpProxy> laid) {
        int port = ports.next();
        int serverPort = address.getPort() != -1 ? address.getPort() : server.equals(MYSQL) ? MYSQL_PORT : REDIS_PORT;
        lay(process, server, port, address.getHost(), serverPort, laid);
        try {
            return new URI(
                    address.getScheme(),
                    address.getUserInfo(),
                    LOOPBACK,
                    port,
                    address.getPath(),
                    address.getQuery(),
                    address.getFragment());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("only the host and the port of " + address + " were replaced", e);
        }
    }

    /** Resets all connections and gives all ports and doors back. */
    @Override
    public synchronized void close() {
        wires().forEach(TcpProxy::close);
        wires.clear();
        taken.forEach(doors::giveBack);
        taken.clear();
        threads.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
