package dev.turnstile.local;

import dev.turnstile.local.server.OwnServers;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Flags that name a database of the user's own. */
final class LedgerFlags {

    @Option(
            names = "--mysql-url",
            paramLabel = "jdbc:mysql://HOST:PORT/SCHEMA",
            description = "Use this database as the ledger; --mysql-user and --mysql-password go with it.")
    private @Nullable String url;

    @Option(names = "--mysql-user", paramLabel = "USER", description = "Who owns the schema of --mysql-url.")
    private @Nullable String user;

    @Option(
            names = "--mysql-password",
            paramLabel = "PASSWORD",
            interactive = true,
            arity = "0..1",
            description = "The user's password; asked for when it is left out after the flag.")
    private @Nullable String password;

    /**
     * The database, or null if none is named.
     *
     * @param command whose usage is shown when the flags make no sense
     * @throws ParameterException if they make no sense
     */
    OwnServers.@Nullable Jdbc jdbc(CommandLine command) {
        if (url == null) {
            if (user != null || password != null) {
                throw new ParameterException(command, "--mysql-user and --mysql-password go with --mysql-url");
            }
            return null;
        }
        if (!url.startsWith("jdbc:mysql://")) {
            throw new ParameterException(command, "--mysql-url must start with jdbc:mysql://, and is " + url);
        }
        if (user == null) {
            throw new ParameterException(command, "--mysql-url needs --mysql-user");
        }
        return new OwnServers.Jdbc(url, user, password == null ? "" : password);
    }
}
