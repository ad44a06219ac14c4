package dev.turnstile.api.problem;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.json.JsonMapper;

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

    private static final JsonMapper JSON = new JsonMapper();

    /** A problem without further members or headers. */
    public static Problem of(ProblemType type, String detail) {
        return new Problem(type, detail, Map.of(), new HttpHeaders());
    }

    /** What is known of an error that a framework or the web server answers with a status. */
    public static Problem ofStatus(int status) {
        ProblemType type = ProblemType.byStatus(status);
        return of(type, type.remedy());
    }

    /** Returns a copy with one more member; null adds none. */
    public Problem with(String member, @Nullable Object value) {
        if (value == null) {
            return this;
        }
        Map<String, Object> more = new LinkedHashMap<>(members);
        more.put(member, value);
        return new Problem(type, detail, more, headers);
    }

    /** Returns a copy with one more header. */
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
        return new ResponseEntity<>(document(), all, type.status());
    }

    /** The answer for requests that no controller sees, or sees no more. */
    public ProblemAnswer answer() {
        HttpHeaders all = new HttpHeaders(response().getHeaders());
        all.setCacheControl(CacheControl.noStore());
        return new ProblemAnswer(type.status().value(), all.toSingleValueMap(), JSON.writeValueAsString(document()));
    }

    /** Answers such a request. */
    public void write(HttpServletResponse response) throws IOException {
        answer().write(response);
    }

    private Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("type", type.uri());
        document.put("title", type.title());
        document.put("status", type.status().value());
        document.put("detail", detail);
        document.putAll(members);
        return document;
    }
}
