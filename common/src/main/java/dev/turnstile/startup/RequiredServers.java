package dev.turnstile.startup;

import dev.turnstile.startup.Server.Address;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

/**
 * Waits, before anything of the application is made, until its servers accept connections. A server that does not is
 * named in one line when the waiting begins; when {@value #WAIT_PROPERTY} (30 s unless set) is over, the application
 * ends with exit code 1 and one line. Only reachability is checked here; what a server says to our credentials is
 * reported by {@link StartupFailureReporter}.
 */
public final class RequiredServers implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {

    /** The property that says how long to wait for all servers together. */
    static final String WAIT_PROPERTY = "turnstile.startup.wait";

    private static final Logger log = LoggerFactory.getLogger(RequiredServers.class);
    private static final Duration DEFAULT_WAIT = Duration.ofSeconds(30);
    private static final Duration BETWEEN_ROUNDS = Duration.ofMillis(250);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

    private final List<Server> servers;

    private RequiredServers(List<Server> servers) {
        this.servers = servers;
    }

    /** A listener to be added to a {@code SpringApplication} that cannot do without these servers. */
    public static RequiredServers of(Server... servers) {
        return new RequiredServers(List.of(servers));
    }

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE; // after the files of configuration are read and logging is set up
    }

    /**
     * @throws StartupException if a server stayed unreachable, or its property is missing or not understood
     */
    @Override
    public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
        Environment environment = event.getEnvironment();
        List<Target> targets = servers.stream()
                .map(server -> new Target(server, server.addresses(environment)))
                .toList();
        await(targets, waitLimit(environment));
    }

    private static Duration waitLimit(Environment environment) {
        String value = environment.getProperty(WAIT_PROPERTY);
        if (value == null) {
            return DEFAULT_WAIT;
        }
        try {
            return DurationStyle.detectAndParse(value);
        } catch (IllegalArgumentException e) {
            throw new StartupException(WAIT_PROPERTY + " is not a duration ('" + value + "'): write it like 30s");
        }
    }

    private static void await(List<Target> targets, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        Set<Server> named = new HashSet<>();
        while (true) {
            List<Unreachable> unreachable = new ArrayList<>();
            for (Target target : targets) {
                List<Unreachable> failures = target.failures();
                if (failures.isEmpty()) {
                    if (named.remove(target.server())) {
                        log.info("{} answers now", target.server().title());
                    }
                } else {
                    unreachable.addAll(failures);
                    if (named.add(target.server())) {
                        log.warn("waiting for {}", described(failures));
                    }
                }
            }
            if (unreachable.isEmpty()) {
                return;
            }
            if (System.nanoTime() - deadline >= 0) {
                throw new StartupException("not reachable within " + limit.toSeconds() + " s: " + described(unreachable)
                        + "; start it, fix its property, or wait longer with " + WAIT_PROPERTY);
            }
            pause();
        }
    }

    private static String described(List<Unreachable> failures) {
        return failures.stream().map(Unreachable::toString).collect(Collectors.joining("; "));
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN_ROUNDS.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted while waiting for servers");
        }
    }

    private record Target(Server server, List<Address> addresses) {

        /** Empty when enough of the addresses accept a connection, else those that do not. */
        List<Unreachable> failures() {
            List<Unreachable> failures = new ArrayList<>();
            for (Address address : addresses) {
                try (Socket socket = new Socket()) {
                    socket.connect(
                            new InetSocketAddress(address.host(), address.port()), (int) CONNECT_TIMEOUT.toMillis());
                } catch (UnknownHostException e) {
                    failures.add(new Unreachable(server, address, "unknown host"));
                } catch (IOException e) {
                    failures.add(new Unreachable(server, address, reason(e)));
                }
            }
            int reachable = addresses.size() - failures.size();
            return reachable >= server.required(addresses.size()) ? List.of() : failures;
        }

        private static String reason(IOException failure) {
            String message = failure.getMessage();
            return message == null ? failure.getClass().getSimpleName() : message.toLowerCase(Locale.ROOT);
        }
    }

    private record Unreachable(Server server, Address address, String reason) {
        @Override
        public String toString() {
            return server.title() + " at " + address + " (" + server.property() + "): " + reason;
        }
    }
}
