package dev.turnstile.api.http;

import dev.turnstile.api.problem.Problem;
import dev.turnstile.api.problem.ProblemType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Pattern;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Knows one form of each path: what filters compare is then what controllers are mapped by. No path of ours needs an
 * escape, a parameter, an empty or a dot segment, so a path with one is not found. Forbids caching of answers that do
 * not allow it.
 */
final class DoorFilter extends OncePerRequestFilter {

    private static final Pattern OTHER_FORM = Pattern.compile("[%;\\\\]|//|/\\.{1,2}(/|$)");

    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false; // a body that was slow comes with a second pass
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (OTHER_FORM.matcher(request.getRequestURI()).find()) {
            Problem.ofStatus(ProblemType.NOT_FOUND.status().value()).write(response);
            return;
        }
        if (!response.isCommitted()) {
            response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        }
        chain.doFilter(request, response);
    }
}
