package dev.turnstile.proof;

import java.util.Locale;
import java.util.Optional;

/**
 * One row of the table.
 *
 * @param session the run of the build that it belongs to
 * @param proof class and method
 * @param shown what holds
 * @param counts how often, of how many
 * @param seconds how long that took
 * @param held whether it did hold
 */
record Row(String session, String proof, String shown, String counts, double seconds, boolean held) {

    private static final String SEPARATOR = "\t";

    String line() {
        return String.join(
                SEPARATOR,
                session,
                proof,
                plain(shown),
                plain(counts),
                String.format(Locale.ROOT, "%.1f", seconds),
                Boolean.toString(held));
    }

    /** Reads what {@link #line()} wrote, or nothing if the line was broken off. */
    static Optional<Row> parse(String line) {
        String[] parts = line.split(SEPARATOR, -1);
        return parts.length == 6
                ? Optional.of(new Row(
                        parts[0],
                        parts[1],
                        parts[2],
                        parts[3],
                        Double.parseDouble(parts[4]),
                        Boolean.parseBoolean(parts[5])))
                : Optional.empty();
    }

    private static String plain(String text) {
        return text.replaceAll("\\s+", " ").replace("|", "/");
    }
}
