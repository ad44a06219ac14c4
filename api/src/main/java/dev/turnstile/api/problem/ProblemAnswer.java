package dev.turnstile.api.problem;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A {@link Problem} as it goes over the wire, made once for as many requests as it answers. */
public final class ProblemAnswer {

    private final int status;
    private final Map<String, String> headers;
    private final byte[] document;

    /**
     * @param headers all but those that the web server adds
     * @param document JSON
     */
    ProblemAnswer(int status, Map<String, String> headers, String document) {
        this.status = status;
        this.headers = headers;
        this.document = document.getBytes(StandardCharsets.UTF_8);
    }

    /** Answers a request that no controller sees, or sees no more. */
    public void write(HttpServletResponse response) throws IOException {
        begin(response);
        response.setContentLength(document.length);
        response.getOutputStream().write(document);
        response.flushBuffer();
    }

    /** Sets status and headers of an answer. */
    void begin(HttpServletResponse response) {
        response.setStatus(status);
        headers.forEach(response::setHeader);
    }

    String document() {
        return new String(document, StandardCharsets.UTF_8);
    }
}
