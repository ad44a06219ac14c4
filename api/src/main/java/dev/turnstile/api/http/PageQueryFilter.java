package dev.turnstile.api.http;

import dev.turnstile.api.problem.Problem;
import dev.turnstile.api.problem.ProblemType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Bounds the query of the page of the API's description, which leads to another address and copies its query into a
 * header with little room.
 */
final class PageQueryFilter extends OncePerRequestFilter {

    private static final String PAGE = "/swagger-ui";

    private static final int LONGEST_QUERY = 500;

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        String query = request.getQueryString();
        return query == null
                || query.length() <= LONGEST_QUERY
                || !request.getRequestURI().startsWith(PAGE);
    }

    /** A body that was slow comes with a second pass. */
    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Problem.of(
                        ProblemType.BAD_REQUEST,
                        "The query is longer than " + LONGEST_QUERY + " characters, the limit of this page.")
                .write(response);
    }
}
