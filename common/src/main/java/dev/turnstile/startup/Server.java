package dev.turnstile.startup;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** A kind of server that an application cannot start without, and the property that says where it is. */
public enum Server {
    /** The Kafka brokers; one that answers is enough. */
    KAFKA("Kafka", "spring.kafka.bootstrap-servers", "broker-1:9092,broker-2:9092"),
    /** The database of stock and orders; one of the URL's hosts is enough. */
    MYSQL("MySQL", "spring.datasource.url", "jdbc:mysql://db.example.com:3306/turnstile"),
    /** Redis of the ticket line and of the stock cache. */
    LINE_REDIS("Redis of the ticket line", "turnstile.line.redis", "redis://line.example.com:6379"),
    /** The independent Redis masters of Redlock; a majority is needed. */
    REDLOCK_NODES(
            "Redlock's Redis nodes",
            "turnstile.redlock.nodes",
            "redis://node-1.example.com:6379,redis://node-2.example.com:6379,redis://node-3.example.com:6379");

    private static final Pattern JDBC_HOSTS = Pattern.compile("jdbc:(?:mysql|mariadb)(?::[a-z+]+)?://([^/?]*).*");
    private static final int MYSQL_PORT = 3306;
    private static final int KAFKA_PORT = 9092;
    private static final int REDIS_PORT = 6379;

    private final String title;
    private final String property;
    private final String example;

    Server(String title, String property, String example) {
        this.title = title;
        this.property = property;
        this.example = example;
    }

    /** Its name for people. */
    String title() {
        return title;
    }

    /** The property with its addresses. */
    String property() {
        return property;
    }

    /** How many of so many addresses must answer. */
    int required(int addresses) {
        return this == REDLOCK_NODES ? addresses / 2 + 1 : 1;
    }

    /**
     * The addresses in the configuration.
     *
     * @throws StartupException if the property is missing or is not understood
     */
    List<Address> addresses(Environment environment) {
        List<String> values = this == MYSQL
                ? Optional.ofNullable(environment.getProperty(property)).stream()
                        .toList()
                : Binder.get(environment)
                        .bind(property, Bindable.listOf(String.class))
                        .orElse(List.of());
        List<Address> addresses = new ArrayList<>();
        for (String value : values) {
            if (!value.isBlank()) {
                addresses.addAll(parse(value.strip()));
            }
        }
        if (addresses.isEmpty()) {
            throw new StartupException(property + " is not set: it says where " + title + " is, for example --"
                    + property + "=" + example);
        }
        return addresses;
    }

    private List<Address> parse(String value) {
        try {
            return switch (this) {
                case KAFKA -> List.of(Address.parse(value, KAFKA_PORT));
                case MYSQL -> parseJdbc(value);
                case LINE_REDIS, REDLOCK_NODES -> List.of(parseRedis(value));
            };
        } catch (IllegalArgumentException e) {
            throw new StartupException(
                    property + " is not understood (" + e.getMessage() + "): write it like " + example);
        }
    }

    private static List<Address> parseJdbc(String url) {
        Matcher matcher = JDBC_HOSTS.matcher(url);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("it must begin with jdbc:mysql://");
        }
        List<Address> addresses = new ArrayList<>();
        for (String host : matcher.group(1).split(",", -1)) {
            addresses.add(Address.parse(host.substring(host.lastIndexOf('@') + 1), MYSQL_PORT));
        }
        return addresses;
    }

    private static Address parseRedis(String value) {
        URI uri = URI.create(value);
        String host = uri.getHost();
        if (host == null || !("redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme()))) {
            throw new IllegalArgumentException("it must begin with redis:// or rediss:// and name a host");
        }
        return new Address(host, uri.getPort() == -1 ? REDIS_PORT : uri.getPort());
    }

    /** A TCP address. */
    record Address(String host, int port) {

        private static final Pattern HOST_AND_PORT = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:\\s()]+)(?::(\\d{1,5}))?");

        static Address parse(String text, int defaultPort) {
            Matcher matcher = HOST_AND_PORT.matcher(text);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("'" + text + "' is no host:port");
            }
            String port = matcher.group(2);
            return new Address(matcher.group(1), port == null ? defaultPort : Integer.parseInt(port));
        }

        /**
         * @throws IllegalArgumentException if there is no such port
         */
        Address {
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("port " + port + " is not between 1 and 65535");
            }
        }

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }
}
