package dev.turnstile.api.http;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What a client may cost, beside the limits of server.tomcat.
 *
 * @param headTimeout longest time from the first byte of a request until its headers are complete; then the connection
 *     is closed
 * @param bodyTimeout longest time from the end of a request's headers until its body is complete; then it is answered
 *     408
 * @param bodyMemory memory that all bodies that have not arrived may have together, beyond 2 KiB each; one that finds
 *     none is answered 503
 * @param allowedOrigins origins (scheme://host or scheme://host:port, separated by commas) whose pages may use the API
 *     from a browser; without any, no answer has CORS headers
 */
@ConfigurationProperties("turnstile.http")
public record HttpProperties(
        @DefaultValue("10s") Duration headTimeout,
        @DefaultValue("10s") Duration bodyTimeout,
        @DefaultValue("16MB") DataSize bodyMemory,
        @DefaultValue List<String> allowedOrigins) {

    /** As a browser writes it: nothing after the port, nothing in capitals. */
    private static final Pattern ORIGIN = Pattern.compile("https?://(?:[a-z0-9.-]+|\\[[0-9a-f:.]+])(?::\\d{1,5})?");

    /**
     * @throws IllegalArgumentException if a value is out of bounds, with the name of the property
     */
    public HttpProperties {
        positive(headTimeout, "head-timeout");
        positive(bodyTimeout, "body-timeout");
        if (bodyMemory.toBytes() < 2 * RequestBody.MAX_BYTES || bodyMemory.toBytes() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "turnstile.http.body-memory must be from 128KB to 2047MB, was " + bodyMemory.toKilobytes() + "KB");
        }
        allowedOrigins = List.copyOf(allowedOrigins);
        for (String origin : allowedOrigins) {
            if (!ORIGIN.matcher(origin).matches()) {
                throw new IllegalArgumentException(
                        "turnstile.http.allowed-origins must be like https://shop.example or http://localhost:3000, in"
                                + " small letters and with nothing after the port, was " + origin);
            }
        }
    }

    private static void positive(Duration value, String name) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("turnstile.http." + name + " must be longer than 0, was " + value);
        }
    }
}
