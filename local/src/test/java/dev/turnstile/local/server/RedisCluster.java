package dev.turnstile.local.server;

import static org.awaitility.Awaitility.await;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.FreePorts;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import io.netty.resolver.DefaultAddressResolverGroup;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.redisson.client.RedisClient;
import org.redisson.client.RedisClientConfig;
import org.redisson.client.RedisConnection;
import org.redisson.client.codec.StringCodec;
import org.redisson.client.protocol.RedisCommand;
import org.redisson.client.protocol.RedisCommands;
import org.redisson.cluster.ClusterNodeInfo;
import org.redisson.cluster.ClusterNodeInfo.Flag;

/**
 * A Redis Cluster of embedded servers: masters that share the slots evenly, in their order. The slots of those that
 * live are served when others are down ({@code cluster-require-full-coverage no}).
 */
public final class RedisCluster {

    private static final int SLOTS = 16_384;
    private static final String LOOPBACK = "127.0.0.1";
    private static final int KEYS_AT_ONCE = 100;
    private static final int MIGRATE_PATIENCE_MS = 5_000;

    /** From a node's port to that of its bus. */
    private static final int BUS = 10_000;

    /** From here on the system takes ports for outgoing connections. */
    private static final int EPHEMERAL = 32_768;

    private final List<RedisServer> masters;
    private final List<RedisClient> clients;

    private RedisCluster(List<RedisServer> masters) {
        this.masters = masters;
        this.clients = masters.stream()
                .map(master -> RedisClient.create(new RedisClientConfig()
                        .setAddress(master.uri().toString())
                        .setResolverGroup(DefaultAddressResolverGroup.INSTANCE))) // Redisson's wants a native transport
                .toList();
    }

    /**
     * Starts a cluster and waits until all its nodes find it whole.
     *
     * @param run ends it with itself
     */
    public static RedisCluster start(RunFolder run, int masters) {
        Path program = new Binaries(ProjectFiles.locate(), run, Platform.current()).redisServer();
        FreePorts ports = new FreePorts(new SecureRandom());
        RedisCluster cluster = new RedisCluster(IntStream.range(0, masters)
                .mapToObj(i -> node(program, run, "cluster-" + i, port(ports)))
                .toList());
        ChildProcess.startAll(cluster.masters.stream().map(RedisServer::process).toList());
        run.atEnd(() -> cluster.clients.forEach(RedisClient::shutdown));
        for (int i = 0; i < masters; i++) {
            cluster.giveSlots(i);
            if (i > 0) {
                cluster.send(
                        0,
                        RedisCommands.CLUSTER_MEET,
                        LOOPBACK,
                        cluster.master(i).port());
            }
        }
        cluster.awaitWhole();
        return cluster;
    }

    private static RedisServer node(Path program, RunFolder run, String name, int port) {
        return RedisServer.prepare(
                program,
                run,
                name,
                port,
                RedisServer.Memory.NONE,
                "--cluster-enabled",
                "yes",
                "--cluster-node-timeout",
                "1000",
                "--cluster-require-full-coverage",
                "no");
    }

    private static int port(FreePorts ports) {
        return IntStream.generate(ports::next)
                .filter(port -> port + BUS < EPHEMERAL && FreePorts.isFree(port + BUS))
                .findFirst()
                .orElseThrow();
    }

    private void giveSlots(int master) {
        Object[] slots = IntStream.range(0, SLOTS)
                .filter(slot -> slot * masters.size() / SLOTS == master)
                .boxed()
                .toArray();
        send(master, RedisCommands.CLUSTER_ADDSLOTS, slots);
    }

    /** Waits until every node knows all others and finds all slots served. */
    public void awaitWhole() {
        Map<String, String> whole = Map.of(
                "cluster_state", "ok",
                "cluster_slots_ok", Integer.toString(SLOTS),
                "cluster_known_nodes", Integer.toString(masters.size()));
        for (int i = 0; i < masters.size(); i++) {
            int master = i;
            await().atMost(Duration.ofSeconds(30))
                    .until(() ->
                            send(master, RedisCommands.CLUSTER_INFO).entrySet().containsAll(whole.entrySet()));
        }
    }

    /** Waits until a node knows that a master is down. */
    public void awaitMissed(int down, int by) {
        int port = master(down).port();
        await().atMost(Duration.ofSeconds(30)).until(() -> send(by, RedisCommands.REDIS_CLUSTER_NODES).stream()
                .anyMatch(node -> node.getAddress().getPort() == port && node.containsFlag(Flag.FAIL)));
    }

    /** The addresses of all masters. */
    public List<URI> addresses() {
        return masters.stream().map(RedisServer::uri).toList();
    }

    /** A master's server. */
    public RedisServer master(int master) {
        return masters.get(master);
    }

    /** Which master serves the slot of a key. */
    public int masterOf(String key) {
        int slot = slotOf(key);
        return IntStream.range(0, masters.size())
                .filter(master -> master(master).process().isRunning() && serves(master, slot))
                .findFirst()
                .orElseThrow();
    }

    private boolean serves(int master, int slot) {
        return send(master, RedisCommands.REDIS_CLUSTER_NODES).stream()
                .filter(node -> node.containsFlag(Flag.MYSELF))
                .map(ClusterNodeInfo::getSlotRanges)
                .anyMatch(ranges -> ranges.stream().anyMatch(range -> range.hasSlot(slot)));
    }

    private int slotOf(String key) {
        return send(0, RedisCommands.KEYSLOT, key);
    }

    /**
     * Moves the slot of a key to another master, as {@code redis-cli --cluster reshard} does.
     *
     * @param halfway is run when half of the keys are there, and half are still here
     */
    public void moveSlotOf(String key, int to, Runnable halfway) {
        int slot = slotOf(key);
        int from = masterOf(key);
        String toId = send(to, RedisCommands.CLUSTER_MYID);
        send(to, RedisCommands.CLUSTER_SETSLOT, slot, "IMPORTING", send(from, RedisCommands.CLUSTER_MYID));
        send(from, RedisCommands.CLUSTER_SETSLOT, slot, "MIGRATING", toId);
        List<String> keys = new ArrayList<>(keysOf(slot, from));
        keys.subList(0, keys.size() / 2).forEach(each -> moveKey(each, from, to));
        halfway.run();
        for (keys = keysOf(slot, from); !keys.isEmpty(); keys = keysOf(slot, from)) {
            keys.forEach(each -> moveKey(each, from, to));
        }
        send(to, RedisCommands.CLUSTER_SETSLOT, slot, "NODE", toId);
        send(from, RedisCommands.CLUSTER_SETSLOT, slot, "NODE", toId);
    }

    private List<String> keysOf(int slot, int master) {
        return send(master, RedisCommands.CLUSTER_GETKEYSINSLOT, slot, KEYS_AT_ONCE);
    }

    private void moveKey(String key, int from, int to) {
        send(from, RedisCommands.MIGRATE, LOOPBACK, master(to).port(), key, 0, MIGRATE_PATIENCE_MS);
    }

    private <T> T send(int master, RedisCommand<T> command, Object... arguments) {
        RedisConnection connection = clients.get(master).connect();
        try {
            return connection.sync(StringCodec.INSTANCE, command, arguments);
        } finally {
            connection.close();
        }
    }
}
