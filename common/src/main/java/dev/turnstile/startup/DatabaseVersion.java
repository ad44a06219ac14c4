package dev.turnstile.startup;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The database product and version that a server reports, and whether it is new enough. */
public final class DatabaseVersion {

    /** MariaDB puts "5.5.5-" before its version, for clients that take a greater one for MySQL's. */
    private static final Pattern VERSION =
            Pattern.compile("(?:5\\.5\\.5-(?=.*MariaDB))?(\\d+)\\.(\\d+)(?:\\.(\\d+))?.*");

    private DatabaseVersion() {}

    /**
     * Rejects a database that is too old. One that does not identify itself is accepted.
     *
     * @param version the answer to {@code SELECT VERSION()}
     * @throws StartupException if check constraints, or rows that are locked and can be skipped, are unknown to it
     */
    public static void check(@Nullable String version) {
        Matcher matcher = VERSION.matcher(version == null ? "" : version);
        if (!matcher.matches()) {
            return;
        }
        boolean mariaDb = version != null && version.contains("MariaDB");
        int[] oldest = mariaDb ? new int[] {10, 6, 0} : new int[] {8, 0, 16};
        for (int i = 0; i < oldest.length; i++) {
            String digits = matcher.group(i + 1);
            int part = digits == null ? 0 : Integer.parseInt(digits);
            if (part > oldest[i]) {
                return;
            }
            if (part < oldest[i]) {
                throw new StartupException("the database (" + Server.MYSQL.property() + ") is "
                        + (mariaDb ? "" : "MySQL ") + version + ": MySQL 8.0.16 or MariaDB 10.6 or later is needed");
            }
        }
    }
}
