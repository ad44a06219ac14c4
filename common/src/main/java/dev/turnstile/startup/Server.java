package dev.turnstile.startup;

import dev.turnstile.redis.RedisAddress;
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

    private static final int MYSQL_PORT = 3306;
    private static final int KAFKA_PORT = 9092;

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
            return addresses(value);
        } catch (IllegalArgumentException e) {
            throw new StartupException(property + " " + e.getMessage());
        }
    }

    /**
     * Checks one address as a property or a flag has it.
     *
     * @throws IllegalArgumentException if it is not understood, or has a part that would not be used; the message goes
     *     on after the name of that property, and never shows a password
     */
    public void check(String value) {
        addresses(value);
    }

    private List<Address> addresses(String value) {
        try {
            return switch (this) {
                case KAFKA -> List.of(Address.parse(value, KAFKA_PORT));
                case MYSQL ->
                    JdbcUrl.parse(value).hosts().stream()
                            .map(host -> Address.parse(host, MYSQL_PORT))
                            .toList();
                case LINE_REDIS, REDLOCK_NODES -> {
                    RedisAddress redis = RedisAddress.of(value);
                    yield List.of(new Address(redis.host(), redis.port()));
                }
            };
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "is not understood (" + e.getMessage() + "): write it like " + example, e);
        }
    }

    /** A TCP address. */
    record Address(String host, int port) {

        private static final Pattern HOST_AND_PORT =
                Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:\\s()/?#%@]+)(?::(\\d{1,5}))?");

        static Address parse(String text, int defaultPort) {
            Matcher matcher = HOST_AND_PORT.matcher(text);
            if (!matcher.matches()) {
                // Without the text: a part of it may be a password by mistake.
                throw new IllegalArgumentException("it is not exactly host:port");
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
