package dev.turnstile.api.http;

import dev.turnstile.api.problem.Problem;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.filter.OncePerRequestFilter;

/** Says what is wrong where the endpoints for operators say nothing but a status. */
final class ActuatorProblemFilter extends OncePerRequestFilter {

    private static final String OPERATORS = "/actuator";

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !request.getRequestURI().startsWith(OPERATORS);
    }

    /** A body that was slow comes with a second pass. */
    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        chain.doFilter(request, response);
        if (response.getStatus() >= 400 && !response.isCommitted() && !request.isAsyncStarted()) {
            Problem.ofStatus(response.getStatus()).write(response);
        }
    }
}
