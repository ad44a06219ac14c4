package dev.turnstile.local;

import dev.turnstile.local.server.ExternalServers;
import dev.turnstile.startup.Server;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Flags that name the user's own Kafka, Redis and database, shared by all commands that may use them. */
public final class ExternalServerFlags {

    @Option(names = "--kafka", paramLabel = "HOST:PORT[,…]", description = "Use this Kafka instead of an embedded one.")
    private @Nullable String kafka;

    @Option(
            names = "--redis-line",
            paramLabel = "redis://HOST:PORT",
            description = "Use this Redis for the ticket line and the stock cache instead of an embedded one.")
    private @Nullable String lineRedis;

    @Option(
            names = "--mysql-url",
            paramLabel = "jdbc:mysql://HOST:PORT/SCHEMA",
            description = "Use this database instead of an embedded one; --mysql-user and --mysql-password go with it.")
    private @Nullable String mySqlUrl;

    @Option(names = "--mysql-user", paramLabel = "USER", description = "The owner of the schema of --mysql-url.")
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
    ExternalServers own(CommandLine command) {
        if (kafka != null) {
            for (String broker : kafka.split(",", -1)) {
                check(command, Server.KAFKA, "--kafka", broker);
                if (!broker.matches(".*:\\d+")) {
                    throw new ParameterException(command, "--kafka names no port: write it like host:9092");
                }
            }
        }
        URI line = lineRedis == null ? null : redis(command, Server.LINE_REDIS, "--redis-line", lineRedis);
        return new ExternalServers(kafka, jdbc(command), line, List.of());
    }

    private ExternalServers.@Nullable Jdbc jdbc(CommandLine command) {
        if (mySqlUrl == null) {
            if (mySqlUser != null || mySqlPassword != null) {
                throw new ParameterException(command, "--mysql-user and --mysql-password go with --mysql-url");
            }
            return null;
        }
        check(command, Server.MYSQL, "--mysql-url", mySqlUrl);
        if (mySqlUser == null) {
            throw new ParameterException(command, "--mysql-url needs --mysql-user");
        }
        if (mySqlPassword != null && !mySqlPassword.isEmpty()) {
            Set<String> visible = Set.of(mySqlPassword, "--mysql-password=" + mySqlPassword);
            warnIfVisible(command, "--mysql-password", visible::contains);
        }
        return new ExternalServers.Jdbc(mySqlUrl, mySqlUser, mySqlPassword == null ? "" : mySqlPassword);
    }

    /**
     * Reads the address of a Redis.
     *
     * @throws ParameterException if it is none, or has a part that would not be used; it shows no password
     */
    static URI redis(CommandLine command, Server server, String flag, String value) {
        check(command, server, flag, value);
        URI uri = URI.create(value);
        if (uri.getPort() == -1) {
            throw new ParameterException(command, flag + " names no port: write it like redis://host:6379");
        }
        String account = uri.getRawUserInfo();
        if (account != null) {
            warnIfVisible(command, flag, argument -> argument.contains("//" + account + "@"));
        }
        return uri;
    }

    private static void check(CommandLine command, Server server, String flag, String value) {
        try {
            server.check(value);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command, flag + " " + e.getMessage());
        }
    }

    /** Every user of a machine can read the arguments of its processes. */
    private static void warnIfVisible(CommandLine command, String flag, Predicate<String> tells) {
        boolean visible = ProcessHandle.current()
                .info()
                .arguments()
                .map(Arrays::stream)
                .orElseGet(Stream::empty)
                .anyMatch(tells);
        if (visible) {
            command.getErr()
                    .println("turnstile: every user of this machine can read the password in " + flag
                            + ": put the flag into a file that only you can read, and name it as @FILE");
            command.getErr().flush();
        }
    }
}
