package dev.turnstile.api.order;

import dev.turnstile.api.http.RequestBody;
import dev.turnstile.api.problem.ProblemAnswer;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.stereotype.Component;

/**
 * Turns fair orders away while the line is known to be full, before anything is done for them: before the framework
 * measures and traces the request, which costs more than that. Orders with an idempotency key go on, as they may be in
 * the line already, and so do those of whose body some is still on its way.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class LineFullFilter implements Filter {

    private final LineAdmission door;
    private final AnswerMetrics watch;

    LineFullFilter(LineAdmission door, AnswerMetrics watch) {
        this.door = door;
        this.watch = watch;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        HttpServletRequest http = (HttpServletRequest) request;
        Optional<ProblemAnswer> refusal = isFairOrder(http) ? door.refusal() : Optional.empty();
        if (refusal.isPresent() && RequestBody.drop(http)) {
            watch.turnedAway(http);
            refusal.get().write((HttpServletResponse) response);
        } else {
            chain.doFilter(request, response);
        }
    }

    private static boolean isFairOrder(HttpServletRequest request) {
        return request.getRequestURI().equals(OrderController.FAIR_PATH)
                && request.getMethod().equals(HttpMethod.PATCH.name())
                && request.getHeader(IdempotencyKey.HEADER) == null;
    }
}
