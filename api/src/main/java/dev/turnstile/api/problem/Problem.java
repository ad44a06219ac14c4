package dev.turnstile.api.problem;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;

/**
 * One occurrence of an error, and the answer it makes: {@code application/problem+json} (RFC 9457).
 *
 * @param type the kind of error
 * @param detail what is wrong this time, for people
 * @param members further members of the document, in this order
 * @param headers headers of the answer; {@code Retry-After} is added where the type is retryable
 */
public record Problem(ProblemType type, String detail, Map<String, Object> members, HttpHeaders headers) {

    private static final String RETRY_AFTER_SECONDS = "1";

    /** A problem without further members or headers. */
    public static Problem of(ProblemType type, String detail) {
        return new Problem(type, detail, Map.of(), new HttpHeaders());
    }

    /** The same with one more member; nothing is added for null. */
    public Problem with(String member, @Nullable Object value) {
        if (value == null) {
            return this;
        }
        Map<String, Object> more = new LinkedHashMap<>(members);
        more.put(member, value);
        return new Problem(type, detail, more, headers);
    }

    /** The same with one more header. */
    public Problem withHeader(String name, String value) {
        HttpHeaders more = new HttpHeaders(headers);
        more.set(name, value);
        return new Problem(type, detail, members, more);
    }

    /** The answer. */
    public ResponseEntity<Object> response() {
        HttpHeaders all = new HttpHeaders(headers);
        all.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        if (type.retryable()) {
            all.set(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        return new ResponseEntity<>(body(), all, type.status());
    }

    private ProblemDetail body() {
        ProblemDetail body = ProblemDetail.forStatusAndDetail(type.status(), detail);
        URI uri = type.uri();
        body.setType(uri);
        body.setTitle(type.title());
        members.forEach(body::setProperty);
        return body;
    }
}
