package dev.turnstile.startup;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a database is, {@code jdbc:mysql://host[:port][,…]/schema[?properties]}, all of which is handed to the driver.
 *
 * @param text all of it
 * @param hosts each with or without a port
 */
public record JdbcUrl(String text, List<String> hosts) {

    private static final Pattern FORM =
            Pattern.compile("jdbc:(?:mysql|mariadb)(?::[a-z+]+)?://([^/?#]*)[^?#]*(?:\\?([^#]*))?");
    private static final Pattern ACCOUNT = Pattern.compile("(?:^|&)(?:user|password\\d?)=", Pattern.CASE_INSENSITIVE);

    /** Copies the list. */
    public JdbcUrl {
        hosts = List.copyOf(hosts);
    }

    /**
     * Reads a URL.
     *
     * @throws IllegalArgumentException if it is none, names an account, or has a part that the driver would drop; says why, and never
     *     shows a password
     */
    public static JdbcUrl parse(String text) {
        if (text.indexOf('#') != -1) {
            throw new IllegalArgumentException("it has a part behind '#', which the driver would drop");
        }
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("it must begin with jdbc:mysql://");
        }
        String query = form.group(2) == null ? "" : form.group(2);
        if (form.group(1).indexOf('@') != -1 || ACCOUNT.matcher(query).find()) {
            throw new IllegalArgumentException("it names a user or a password, which have places of their own");
        }
        return new JdbcUrl(text, List.of(form.group(1).split(",", -1)));
    }

    /** The URL for people: without its properties, which may have passwords of key stores. */
    @Override
    public String toString() {
        return text.replaceFirst("\\?.*", "");
    }
}
