package dev.turnstile.api.problem;

import java.net.URI;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.HttpStatus;

/**
 * Every kind of error that the API answers with, as RFC 9457 problem details. Types are stable: clients may decide by
 * them. A type's URI is relative to the API's address ({@code /problems/out-of-stock}) and can be read there.
 */
public enum ProblemType {
    /** The body is no JSON. */
    MALFORMED_JSON(HttpStatus.BAD_REQUEST, "The body is not readable JSON", "Send one JSON object, encoded as UTF-8."),
    /** The body is JSON, but not what was asked for; {@code errors} names the fields. */
    INVALID_REQUEST(
            HttpStatus.UNPROCESSABLE_CONTENT,
            "The request has fields that cannot be accepted",
            "Each element of errors names a field and the fix."),
    /** A part of the path, or a header, is not what it must be. */
    INVALID_PARAMETER(
            HttpStatus.BAD_REQUEST,
            "A part of the address, or a header, is not valid",
            "The detail names it and the fix."),
    /** The body is longer than an order can be. */
    BODY_TOO_LARGE(HttpStatus.CONTENT_TOO_LARGE, "The body is too large", "Send at most 64 KiB."),
    /** The body did not come to its end in time. */
    BODY_TIMEOUT(
            HttpStatus.REQUEST_TIMEOUT,
            "The body took too long",
            "Nothing was ordered. Send the request again, all of it at once."),
    /** The body is not said to be JSON. */
    UNSUPPORTED_MEDIA_TYPE(
            HttpStatus.UNSUPPORTED_MEDIA_TYPE, "The content type is not supported", "Send application/json."),
    /** The client accepts no form in which this resource exists. */
    NOT_ACCEPTABLE(HttpStatus.NOT_ACCEPTABLE, "No acceptable representation", "Accept application/json."),
    /** The resource has no such method. */
    METHOD_NOT_ALLOWED(
            HttpStatus.METHOD_NOT_ALLOWED, "The method is not allowed here", "The Allow header lists those that are."),
    /** There is no such resource. */
    NOT_FOUND(HttpStatus.NOT_FOUND, "The address does not exist", "/v3/api-docs lists the addresses."),
    /** The web server refused the request before it reached the application. */
    BAD_REQUEST(HttpStatus.BAD_REQUEST, "The request is not valid HTTP", "Fix the request line and the headers."),
    /** The order id is not known. */
    UNKNOWN_ORDER(
            HttpStatus.NOT_FOUND,
            "The order is not known",
            "The order is neither decided nor in the line, and no request waits for it here."),
    /** A product has no stock row. */
    UNKNOWN_PRODUCT(
            HttpStatus.NOT_FOUND, "A product is not known", "No stock was taken. GET /v1/stocks lists the products."),
    /** A product has too few pieces; nothing was taken. */
    OUT_OF_STOCK(
            HttpStatus.CONFLICT,
            "Out of stock",
            "No stock was taken. shortages lists the requested and the available quantities."),
    /** The idempotency key was used for another order. */
    KEY_REUSED(
            HttpStatus.UNPROCESSABLE_CONTENT,
            "The idempotency key was used for another order",
            "Nothing was ordered. Send the request with a new Idempotency-Key."),
    /** The order left the line. */
    CANCELLED(
            HttpStatus.GONE, "The order was cancelled", "It left the line before it was decided. No stock was taken."),
    /** The order is to leave the line, and its outcome stands. */
    ALREADY_DECIDED(
            HttpStatus.CONFLICT,
            "The order is decided",
            "The order can no longer leave the line. GET /v1/orders/{id} returns its outcome."),
    /** The order is to leave the line, and waits elsewhere. */
    NOT_IN_LINE(
            HttpStatus.CONFLICT,
            "The order is not in the line",
            "Only a fair order that waits in the line can leave it; a distributed one is decided soon."),
    /** A worker set the order aside for good. */
    INVALID_ORDER(
            HttpStatus.UNPROCESSABLE_CONTENT,
            "The order could not be processed",
            "It was recorded as invalid and will not be retried. No stock was taken."),
    /** The right to the stock was not won in time. */
    LOCK_UNAVAILABLE(
            HttpStatus.SERVICE_UNAVAILABLE,
            "The stock was too busy",
            "No stock was taken. Send a new order after Retry-After."),
    /**
     * As many orders are in the line as may be. Not 503, after which the web server closes the connection: a crowd
     * comes again.
     */
    LINE_FULL(
            HttpStatus.TOO_MANY_REQUESTS,
            "The line is full",
            "No stock was taken. Send the order again after Retry-After."),
    /** A server behind the API is down or too slow, or this instance is full or stopping. */
    UNAVAILABLE(
            HttpStatus.SERVICE_UNAVAILABLE,
            "The service is not available",
            "Retry after Retry-After; if there is a Location, query it first."),
    /** The admin token is missing or wrong. */
    UNAUTHORIZED(
            HttpStatus.UNAUTHORIZED,
            "The admin token is missing or wrong",
            "Send Authorization: Bearer with the value of turnstile.api.admin-token."),
    /** No admin token is configured. */
    ADMIN_DISABLED(
            HttpStatus.FORBIDDEN, "Changing stock is switched off", "Set turnstile.api.admin-token to switch it on."),
    /** A page of another origin asks, and that origin is not allowed. */
    ORIGIN_NOT_ALLOWED(
            HttpStatus.FORBIDDEN,
            "The page's origin is not allowed",
            "Add it to turnstile.http.allowed-origins to let its pages use the API from a browser."),
    /** Our fault. */
    INTERNAL_ERROR(
            HttpStatus.INTERNAL_SERVER_ERROR,
            "Something went wrong on our side",
            "The log of this instance has the details.");

    private static final Set<HttpStatus> RETRYABLE =
            Set.of(HttpStatus.SERVICE_UNAVAILABLE, HttpStatus.TOO_MANY_REQUESTS, HttpStatus.REQUEST_TIMEOUT);

    private final HttpStatus status;
    private final String title;
    private final String remedy;

    ProblemType(HttpStatus status, String title, String remedy) {
        this.status = status;
        this.title = title;
        this.remedy = remedy;
    }

    /** Its last path element, for example {@code out-of-stock}. */
    public String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Its {@code type}. */
    public URI uri() {
        return URI.create("/problems/" + slug());
    }

    /** The HTTP status it is answered with. */
    public HttpStatus status() {
        return status;
    }

    /** Its {@code title}, equal for all occurrences. */
    public String title() {
        return title;
    }

    /** What the client can do about it. */
    public String remedy() {
        return remedy;
    }

    /** Whether the same request may succeed later: such answers carry {@code Retry-After}. */
    public boolean retryable() {
        return RETRYABLE.contains(status);
    }

    static Optional<ProblemType> bySlug(String slug) {
        return Arrays.stream(values()).filter(type -> type.slug().equals(slug)).findFirst();
    }

    /** The type of an error that the web framework found, from the status that it chose. */
    public static ProblemType byStatus(int status) {
        return switch (status) {
            case 401 -> UNAUTHORIZED;
            case 404 -> NOT_FOUND;
            case 405 -> METHOD_NOT_ALLOWED;
            case 406 -> NOT_ACCEPTABLE;
            case 408 -> BODY_TIMEOUT;
            case 413 -> BODY_TOO_LARGE;
            case 415 -> UNSUPPORTED_MEDIA_TYPE;
            case 501, 505 -> BAD_REQUEST; // an unsupported transfer coding or version
            case 503 -> UNAVAILABLE;
            default -> status < 500 ? BAD_REQUEST : INTERNAL_ERROR;
        };
    }
}
