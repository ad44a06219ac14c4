package dev.turnstile.api.http;

import dev.turnstile.api.problem.Problem;
import dev.turnstile.api.problem.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.DefaultCorsProcessor;
import org.springframework.web.filter.CorsFilter;

/**
 * Reports to browsers which pages of other origins may use the API (CORS), and rejects the others with a problem. There
 * are no cookies that a page could misuse, so credentials are not allowed either.
 */
final class ProblemCorsFilter extends CorsFilter {

    private static final Duration PREFLIGHT_HOLDS = Duration.ofHours(1);

    private final boolean off;

    /**
     * @param allowedOrigins of the pages; without any, no answer has a CORS header
     */
    ProblemCorsFilter(List<String> allowedOrigins) {
        super(request -> allowedOrigins.isEmpty() ? null : allowed(allowedOrigins));
        setCorsProcessor(new RefusingWithAProblem());
        this.off = allowedOrigins.isEmpty();
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return off && request.getHeader(HttpHeaders.ORIGIN) == null; // an invalid origin is rejected too
    }

    private static CorsConfiguration allowed(List<String> origins) {
        CorsConfiguration allowed = new CorsConfiguration();
        allowed.setAllowedOrigins(origins);
        allowed.setAllowedMethods(List.of("GET", "HEAD", "PATCH", "PUT", "DELETE"));
        allowed.setAllowedHeaders(
                List.of("Content-Type", "Idempotency-Key", "Prefer", "Authorization", "Last-Event-ID"));
        allowed.setExposedHeaders(List.of("Location", "Retry-After", "Idempotent-Replayed"));
        allowed.setMaxAge(PREFLIGHT_HOLDS);
        return allowed;
    }

    /** A body that was slow comes with a second pass. */
    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }

    private static final class RefusingWithAProblem extends DefaultCorsProcessor {

        @Override
        protected void rejectRequest(ServerHttpResponse response) throws IOException {
            Problem.of(ProblemType.ORIGIN_NOT_ALLOWED, "Pages of this origin may not do this.")
                    .write(((ServletServerHttpResponse) response).getServletResponse());
        }
    }
}
