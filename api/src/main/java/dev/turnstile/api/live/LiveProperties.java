package dev.turnstile.api.live;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The live page.
 *
 * @param enabled whether there is a page at / and its events at /v1/live; both show the whole system to all clients of
 *     this API
 * @param crowd whether the page has a button that sends a hundred buyers; for trying only
 * @param maxWatchers most pages that are open at once; beyond it they are refused with 503
 * @param interval time between two snapshots of the system while a client watches
 */
@ConfigurationProperties("turnstile.live")
public record LiveProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("false") boolean crowd,
        @DefaultValue("100") int maxWatchers,
        @DefaultValue("500ms") Duration interval) {

    static final String ENABLED = "turnstile.live.enabled";

    /**
     * @throws IllegalArgumentException if a value is out of bounds, with the name of the property
     */
    public LiveProperties {
        if (maxWatchers < 1) {
            throw new IllegalArgumentException("turnstile.live.max-watchers must be at least 1, was " + maxWatchers);
        }
        if (interval.toMillis() < 100) {
            throw new IllegalArgumentException(
                    "turnstile.live.interval must be 100ms or longer, was " + interval.toMillis() + "ms");
        }
    }
}
