package dev.turnstile.local.fault;

import dev.turnstile.local.fault.Fault.Kind;
import dev.turnstile.local.fault.RedisFaults.Paused;
import dev.turnstile.local.fault.TcpProxy.Direction;
import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.server.RedisServer;
import dev.turnstile.local.server.ServerStack;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.order.OrderTopics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * All faults that may strike a running system with wires, as a list to choose from, and the tools to make others. What
 * was struck through the kit and not healed is healed when it is closed, last first. Safe for use by any thread.
 */
public final class FaultKit implements AutoCloseable {

    private static final Duration SHORT = Duration.ofSeconds(2);
    private static final Duration DELAY = Duration.ofMillis(100);
    private static final Duration JITTER = Duration.ofMillis(50);
    private static final long NARROW_BYTES_PER_SECOND = 20_000;
    private static final int DUPLICATES = 50;

    /** What is kept of claims in the line's Redis. */
    private static final List<String> CLAIM_KEYS = List.of(
            "turnstile:{line}:held", "turnstile:{line}:claims", "turnstile:{line}:runs", "turnstile:{line}:claimants");

    private final ServerStack servers;
    private final TurnstileSystem system;
    private final Network network;
    private final RedisFaults lineRedis;
    private final List<RedisFaults> redlockNodes;
    private final MySqlFaults mySql;
    private final KafkaFaults kafka;
    private final Deque<FaultHandle> outstanding = new ArrayDeque<>();

    /**
     * A kit for a system whose servers are embedded.
     *
     * @param network the wires of its processes
     */
    public FaultKit(ServerStack servers, TurnstileSystem system, Network network) {
        this.servers = servers;
        this.system = system;
        this.network = network;
        this.lineRedis = new RedisFaults(servers.addresses().lineRedis());
        this.redlockNodes = servers.addresses().redlockNodes().stream()
                .map(RedisFaults::new)
                .toList();
        this.mySql = new MySqlFaults(servers.addresses());
        this.kafka = new KafkaFaults(servers.addresses().kafka());
    }

    /** Faults of the Redis of the ticket line and the stock cache. */
    public RedisFaults lineRedis() {
        return lineRedis;
    }

    /** Faults of Redlock's masters. */
    public List<RedisFaults> redlockNodes() {
        return redlockNodes;
    }

    /** Faults of the ledger's database. */
    public MySqlFaults mySql() {
        return mySql;
    }

    /** Faults of the broker. */
    public KafkaFaults kafka() {
        return kafka;
    }

    /** The wires between processes and servers. */
    public Network network() {
        return network;
    }

    /**
     * The faults that the system must survive while it sells these products. Those of processes are of the ones that
     * there are now.
     */
    public List<Fault> faults(List<Long> productIds) {
        List<Fault> faults = new ArrayList<>();
        Stream.of(servers.processes(), system.apis(), system.workers())
                .flatMap(List::stream)
                .forEach(process -> addProcess(process, faults));
        network.wires().forEach(wire -> addWire(wire, faults));
        addRedis(Network.LINE_REDIS, lineRedis, faults);
        RedisServer line = servers.lineRedis();
        faults.add(new Fault(
                Kind.FAILOVER, line.process().name(), () -> ProcessFaults.rememberFiles(line.process(), line.data())));
        for (String key : CLAIM_KEYS) {
            faults.add(Fault.passing(Kind.DELETE, key, () -> lineRedis.delete(key)));
        }
        for (int node = 0; node < redlockNodes.size(); node++) {
            addRedis(Network.redlockNode(node), redlockNodes.get(node), faults);
        }
        String user = servers.addresses().jdbcUser();
        faults.add(Fault.passing(Kind.KILL_SQL, "all connections", () -> mySql.killConnectionsOf(user)));
        faults.add(Fault.passing(Kind.KILL_SQL, "all transactions", mySql::killTransactions));
        faults.add(Fault.passing(Kind.KILL_SQL, "all holders of row locks", mySql::killLockHolders));
        for (long productId : productIds) {
            faults.add(new Fault(Kind.HOLD_ROW, "product " + productId, () -> mySql.holdRow(productId, SHORT)));
        }
        for (String topic : List.of(OrderTopics.FAIR, OrderTopics.DISTRIBUTED)) {
            faults.add(Fault.passing(Kind.DUPLICATE, topic, () -> kafka.duplicate(topic, DUPLICATES)));
        }
        return faults;
    }

    private static void addProcess(ChildProcess process, List<Fault> faults) {
        faults.add(new Fault(Kind.KILL, process.name(), () -> ProcessFaults.kill(process)));
        faults.add(Fault.passing(Kind.RESTART, process.name(), () -> ProcessFaults.restart(process)));
        faults.add(new Fault(Kind.FREEZE, process.name(), () -> ProcessFaults.freeze(process)));
    }

    private static void addWire(TcpProxy wire, List<Fault> faults) {
        faults.add(new Fault(Kind.CUT, wire.name(), wire::cut));
        for (Direction direction : Direction.values()) {
            String way = wire.name() + (direction == Direction.TO_SERVER ? " (there)" : " (back)");
            faults.add(new Fault(Kind.SLOW, way, () -> wire.delay(direction, DELAY, JITTER)));
            faults.add(new Fault(Kind.NARROW, way, () -> wire.throttle(direction, NARROW_BYTES_PER_SECOND)));
            faults.add(new Fault(Kind.HALF_OPEN, way, () -> wire.swallow(direction)));
        }
    }

    private static void addRedis(String name, RedisFaults redis, List<Fault> faults) {
        faults.add(Fault.passing(Kind.FLUSHALL, name, redis::flushAll));
        faults.add(Fault.passing(Kind.SCRIPT_FLUSH, name, redis::flushScripts));
        faults.add(Fault.passing(Kind.KILL_SUBSCRIBERS, name, redis::killSubscribers));
        for (Paused paused : Paused.values()) {
            faults.add(new Fault(Kind.PAUSE, name + " (" + paused + ")", () -> redis.pause(SHORT, paused)));
        }
    }

    /** Makes a fault; it is healed by what is returned, or when the kit is closed. */
    public FaultHandle strike(Fault fault) {
        FaultHandle healing = fault.strike();
        synchronized (outstanding) {
            outstanding.push(healing);
        }
        return () -> {
            healing.heal();
            synchronized (outstanding) {
                outstanding.remove(healing);
            }
        };
    }

    /** Heals what was struck through the kit. The system, its servers and its network go on. */
    @Override
    public void close() {
        List<FaultHandle> left;
        synchronized (outstanding) {
            left = List.copyOf(outstanding);
            outstanding.clear();
        }
        try {
            FaultHandle.all(left).heal();
        } finally {
            kafka.close();
        }
    }
}
