package dev.turnstile.local;

import dev.turnstile.local.server.OwnServers;
import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Flags that name the user's own Kafka, Redis and database; the same for every command that may use them. */
public final class OwnServerFlags {

    private static final Pattern HOST_AND_PORTS = Pattern.compile("[^,:/\\s]+:[0-9]{1,5}(,[^,:/\\s]+:[0-9]{1,5})*");

    @Option(names = "--kafka", paramLabel = "HOST:PORT[,…]", description = "Use this Kafka instead of an embedded one.")
    private @Nullable String kafka;

    @Option(
            names = "--redis-line",
            paramLabel = "redis://HOST:PORT",
            description = "Use this Redis for the ticket line and the stock cache instead of an embedded one.")
    private @Nullable URI lineRedis;

    @Option(
            names = "--mysql-url",
            paramLabel = "jdbc:mysql://HOST:PORT/SCHEMA",
            description = "Use this database instead of an embedded one; --mysql-user and --mysql-password go with it.")
    private @Nullable String mySqlUrl;

    @Option(names = "--mysql-user", paramLabel = "USER", description = "Who owns the schema of --mysql-url.")
    private @Nullable String mySqlUser;

    @Option(
            names = "--mysql-password",
            paramLabel = "PASSWORD",
            interactive = true,
            arity = "0..1",
            description = "The user's password; asked for when it is left out after the flag.")
    private @Nullable String mySqlPassword;

    /**
     * The servers that the user has, without nodes of Redlock.
     *
     * @param command whose usage is shown when the flags make no sense
     * @throws ParameterException if the flags make no sense
     */
    OwnServers own(CommandLine command) {
        if (kafka != null && !HOST_AND_PORTS.matcher(kafka).matches()) {
            throw new ParameterException(command, "--kafka must be like host:port[,host:port], and is " + kafka);
        }
        if (lineRedis != null) {
            requireRedis(command, "--redis-line", lineRedis);
        }
        return new OwnServers(kafka, jdbc(command), lineRedis, List.of());
    }

    private OwnServers.@Nullable Jdbc jdbc(CommandLine command) {
        if (mySqlUrl == null) {
            if (mySqlUser != null || mySqlPassword != null) {
                throw new ParameterException(command, "--mysql-user and --mysql-password go with --mysql-url");
            }
            return null;
        }
        if (!mySqlUrl.startsWith("jdbc:mysql://")) {
            throw new ParameterException(command, "--mysql-url must start with jdbc:mysql://, and is " + mySqlUrl);
        }
        if (mySqlUser == null) {
            throw new ParameterException(command, "--mysql-url needs --mysql-user");
        }
        return new OwnServers.Jdbc(mySqlUrl, mySqlUser, mySqlPassword == null ? "" : mySqlPassword);
    }

    static void requireRedis(CommandLine command, String flag, URI uri) {
        boolean known = "redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme());
        if (!known || uri.getHost() == null || uri.getPort() < 0) {
            throw new ParameterException(command, flag + " must be like redis://host:port, and is " + uri);
        }
    }
}
