package dev.turnstile.api.order;

import dev.turnstile.api.http.RequestBody;
import dev.turnstile.api.order.ArrivalOrder.Arrival;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Takes the arrival of each fair order before its body is read, and lets all other requests make way. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ArrivalFilter extends OncePerRequestFilter {

    private static final String ATTRIBUTE = ArrivalFilter.class.getName();

    private final ArrivalOrder arrivals;

    ArrivalFilter(ArrivalOrder arrivals) {
        this.arrivals = arrivals;
    }

    /**
     * The arrival of a request.
     *
     * @throws NullPointerException if it is no fair order
     */
    static Arrival of(HttpServletRequest request) {
        return Objects.requireNonNull((Arrival) request.getAttribute(ATTRIBUTE), "a fair order has arrived");
    }

    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (request.getDispatcherType() == DispatcherType.REQUEST) {
            Arrival arrival = arrivals.current();
            if (request.getRequestURI().equals(OrderController.FAIR_PATH)) {
                request.setAttribute(ATTRIBUTE, arrival);
            } else {
                arrivals.leave(arrival);
            }
        }
        try {
            chain.doFilter(request, response);
        } finally {
            if (!RequestBody.isArriving(request)) { // else it keeps its place, as long as those behind have patience
                leave(request);
            }
        }
    }

    private void leave(HttpServletRequest request) {
        if (request.getAttribute(ATTRIBUTE) instanceof Arrival arrival) {
            request.removeAttribute(ATTRIBUTE);
            arrivals.leave(arrival);
        }
    }
}
