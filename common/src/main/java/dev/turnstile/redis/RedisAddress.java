package dev.turnstile.redis;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.redisson.config.Config;
import org.redisson.config.SingleServerConfig;

/**
 * A Redis server by its address, {@code redis://[[user]:password@]host[:port][/database]}, or {@code rediss://} for
 * TLS. Every part of an address is used; one with a part that would not be is refused. User and password are
 * percent-encoded where they contain other characters than letters, digits and {@code -._~}.
 *
 * @param scheme {@code redis} or {@code rediss}
 * @param user null for the default user
 * @param password null if the server asks for none
 * @param database its number, 0 by default
 */
public record RedisAddress(
        String scheme,
        String host,
        int port,
        @Nullable String user,
        @Nullable String password,
        int database) {

    private static final int DEFAULT_PORT = 6379;
    private static final String ENCODED =
            "percent-encode all characters of a user and a password except letters, digits and -._~";
    private static final Pattern DATABASE = Pattern.compile("/(\\d{0,5})");

    /**
     * Reads an address; also what makes it the type of a property. As a {@link URI} Spring would encode it a second
     * time.
     *
     * @throws IllegalArgumentException if it is none, or has a part that would not be used; says why, and never shows a
     *     password
     */
    public static RedisAddress of(String text) {
        try {
            return of(URI.create(text));
        } catch (IllegalArgumentException e) {
            if (e.getCause() == null) {
                throw e;
            }
            // The message of URI shows all of it.
            throw new IllegalArgumentException("it is not a URL; " + ENCODED);
        }
    }

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException if it is none, or has a part that would not be used; says why, and never shows a
     *     password
     */
    public static RedisAddress of(URI uri) {
        if (!"redis".equals(uri.getScheme()) && !"rediss".equals(uri.getScheme())) {
            throw new IllegalArgumentException("it must begin with redis:// or rediss://");
        }
        if (uri.getHost() == null) {
            throw new IllegalArgumentException("it names no host; " + ENCODED);
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "it has a part behind '" + (uri.getRawQuery() == null ? '#' : '?') + "', which would be ignored");
        }
        Matcher path = DATABASE.matcher(uri.getRawPath().isEmpty() ? "/" : uri.getRawPath());
        if (!path.matches()) {
            throw new IllegalArgumentException("the part after its host is not a database number such as /0");
        }
        int port = uri.getPort() == -1 ? DEFAULT_PORT : uri.getPort();
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " is not between 1 and 65535");
        }
        int database = path.group(1).isEmpty() ? 0 : Integer.parseInt(path.group(1));
        String account = uri.getRawUserInfo();
        if (account == null) {
            return new RedisAddress(uri.getScheme(), uri.getHost(), port, null, null, database);
        }
        int colon = account.indexOf(':');
        if (colon == -1 || colon == account.length() - 1) {
            throw new IllegalArgumentException(
                    "the part before '@' has no password: write user:password@ or :password@");
        }
        return new RedisAddress(
                uri.getScheme(),
                uri.getHost(),
                port,
                colon == 0 ? null : decoded(account.substring(0, colon)),
                decoded(account.substring(colon + 1)),
                database);
    }

    /**
     * Checks the addresses of one Redis, or of the nodes of one Redis Cluster if there are several.
     *
     * @throws IllegalArgumentException if they can't be those of one cluster
     */
    public static void requireOneServer(List<RedisAddress> addresses) {
        if (addresses.size() > 1) {
            if (addresses.stream().anyMatch(address -> address.database() != 0)) {
                throw new IllegalArgumentException(
                        "several addresses are nodes of a cluster, which has database 0 only");
            }
            if (addresses.stream().map(RedisAddress::account).distinct().count() > 1) {
                throw new IllegalArgumentException(
                        "several addresses are nodes of a cluster, which need the same user and password");
            }
        }
    }

    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private List<String> account() {
        return List.of(String.valueOf(user), String.valueOf(password));
    }

    /** The address without user, password and database, as Redisson takes it. */
    public String endpoint() {
        return scheme + "://" + host + ":" + port;
    }

    /** Has a client identify itself with this user and password, if there are any. */
    void authenticate(Config config) {
        if (password != null) {
            config.setUsername(user).setPassword(password);
        }
    }

    /** Has a client connect to this server alone. */
    public SingleServerConfig useAlone(Config config) {
        authenticate(config);
        return config.useSingleServer().setAddress(endpoint()).setDatabase(database);
    }

    /** The address for people: without the password. */
    @Override
    public String toString() {
        return scheme + "://" + (user == null ? "" : user + "@") + host + ":" + port
                + (database == 0 ? "" : "/" + database);
    }
}
