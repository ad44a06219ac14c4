package dev.turnstile.api.order;

import java.time.Duration;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for in its {@code Prefer} headers (RFC 7240): {@code respond-async} and {@code wait=N}, in
 * seconds. Preferences that are not understood are ignored, as the RFC demands.
 *
 * @param respondAsync answer at once, or after {@code atMost} if that is given
 * @param atMost how long to wait for the outcome, or null
 */
record Prefer(boolean respondAsync, @Nullable Duration atMost) {

    private static final Pattern WAIT = Pattern.compile("wait\\s*=\\s*\"?(\\d{1,9})\"?");

    static Prefer parse(@Nullable Enumeration<String> headers) {
        boolean respondAsync = false;
        Duration atMost = null;
        if (headers != null) {
            for (String header : Collections.list(headers)) {
                for (String preference : header.split("[,;]", -1)) {
                    String text = preference.strip().toLowerCase(Locale.ROOT);
                    Matcher matcher = WAIT.matcher(text);
                    if (text.equals("respond-async")) {
                        respondAsync = true;
                    } else if (atMost == null && matcher.matches()) {
                        atMost = Duration.ofSeconds(Long.parseLong(matcher.group(1)));
                    }
                }
            }
        }
        return new Prefer(respondAsync, atMost);
    }

    /** How long to wait, never longer than the limit. */
    Duration waitWithin(Duration limit) {
        if (atMost == null) {
            return respondAsync ? Duration.ZERO : limit;
        }
        return atMost.compareTo(limit) < 0 ? atMost : limit;
    }
}
