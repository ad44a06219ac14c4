package dev.turnstile.local.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Hands out ports of the loopback interface, each once. They lie below the range from which the system takes the ports
 * of outgoing connections, so that none of those can take a server's port while it restarts.
 */
public final class FreePorts {

    private static final int FIRST = 16_000;
    private static final int COUNT = 16_000;
    private static final int ATTEMPTS = 1_000;

    private final RandomGenerator random;
    private final Set<Integer> given = new HashSet<>();

    /** Ports in an order that this source of randomness gives. */
    public FreePorts(RandomGenerator random) {
        this.random = random;
    }

    /** A port on which nothing listens now. */
    public synchronized int next() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = FIRST + random.nextInt(COUNT);
            if (!given.contains(port) && isFree(port)) {
                given.add(port);
                return port;
            }
        }
        throw new IllegalStateException("no free port found from " + FIRST + " to " + (FIRST + COUNT - 1));
    }

    /** Whether nothing listens on this port of the loopback interface or of all interfaces. */
    public static boolean isFree(int port) {
        return canBind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                && canBind(new InetSocketAddress(port));
    }

    private static boolean canBind(InetSocketAddress address) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
