package dev.turnstile.api.http;

import dev.turnstile.api.problem.Problem;
import dev.turnstile.api.problem.ProblemType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets few threads at a time write answers that are longer than what a socket holds: such a thread waits while its client
 * does not read. Answers to orders are short, and wait for nobody.
 */
final class LongAnswersFilter extends OncePerRequestFilter {

    /** How many of the web server's threads, which are some dozens, clients that don't read can hold. */
    static final int AT_ONCE = 8;

    /** It leads to another address and hands its query on, in a header that has little room. */
    private static final String PAGE = "/swagger-ui";

    private static final int LONGEST_QUERY = 500;

    /** What is below these fits into a socket's buffer. An answer that nobody thought of counts as long. */
    private static final List<String> SHORT =
            List.of("/v1/stocks/", "/v1/orders/", "/v1/noop", "/v1/live", "/problems/", "/actuator/health");

    private final Semaphore threads = new Semaphore(AT_ONCE);

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        String path = request.getRequestURI();
        return SHORT.stream().anyMatch(path::startsWith);
    }

    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String query = request.getQueryString();
        if (query != null
                && query.length() > LONGEST_QUERY
                && request.getRequestURI().startsWith(PAGE)) {
            Problem.of(
                            ProblemType.BAD_REQUEST,
                            "The query is longer than " + LONGEST_QUERY + " characters, more than this page asks for.")
                    .write(response);
            return;
        }
        if (!threads.tryAcquire()) {
            Problem.of(ProblemType.UNAVAILABLE, "Too many long answers are being written.")
                    .write(response);
            return;
        }
        try {
            chain.doFilter(request, response);
        } finally {
            threads.release();
        }
    }
}
