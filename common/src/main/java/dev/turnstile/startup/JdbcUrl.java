package dev.turnstile.startup;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
            Pattern.compile("jdbc:(?:mysql|mariadb)(?::[a-z+]+)?://([^/?#]*)(/[^?#]*)?(?:\\?([^#]*))?");
    /** Forms of the driver with keys and values, such as {@code (host=h,password=p)}, can have an account anywhere. */
    private static final Pattern HOST = Pattern.compile("[\\w.-]+(?::\\d+)?|\\[[0-9a-fA-F:.]+](?::\\d+)?");

    private static final Pattern SCHEMA = Pattern.compile("/[\\w$-]*");
    private static final Pattern ACCOUNT = Pattern.compile("user(?:name)?|password\\d?", Pattern.CASE_INSENSITIVE);

    /** Copies the list. */
    public JdbcUrl {
        hosts = List.copyOf(hosts);
    }

    /**
     * Reads a URL.
     *
     * @throws IllegalArgumentException if it is none, names an account, or has a part that the driver would drop; says
     *     why, and never shows a password
     */
    public static JdbcUrl parse(String text) {
        if (text.indexOf('#') != -1) {
            throw new IllegalArgumentException("it has a part behind '#', which the driver would drop");
        }
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("it must begin with jdbc:mysql://");
        }
        String query = form.group(3) == null ? "" : form.group(3);
        if (form.group(1).indexOf('@') != -1 || namesAccount(query)) {
            throw new IllegalArgumentException("it contains a user or a password, which have properties of their own");
        }
        List<String> hosts = List.of(form.group(1).split(",", -1));
        if (!hosts.stream().allMatch(host -> HOST.matcher(host).matches())) {
            throw new IllegalArgumentException("its hosts are not a comma-separated list of host or host:port");
        }
        if (form.group(2) != null && !SCHEMA.matcher(form.group(2)).matches()) {
            throw new IllegalArgumentException("the part after its hosts is not a schema name");
        }
        return new JdbcUrl(text, hosts);
    }

    /** By the names of properties as the driver reads them. */
    private static boolean namesAccount(String query) {
        try {
            return Arrays.stream(query.split("&"))
                    .map(property -> URLDecoder.decode(property.replaceFirst("=.*", ""), StandardCharsets.UTF_8))
                    .anyMatch(name -> ACCOUNT.matcher(name.strip()).matches());
        } catch (IllegalArgumentException e) { // its message shows what it met
            throw new IllegalArgumentException("the name of a property has a '%' that is not part of an escape");
        }
    }

    /** The URL for people: without its properties, which may have passwords of key stores. */
    @Override
    public String toString() {
        return text.replaceFirst("\\?.*", "");
    }
}
