package dev.turnstile.api.order;

import dev.turnstile.order.Mode;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.AccessLog;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;

/**
 * Counts the answers to orders that never reached the controller: those of filters, of the web framework and of Tomcat.
 * Tomcat reports each request to its access logs when it is over, whatever answered it.
 */
final class AnswerValve extends ValveBase implements AccessLog {

    private final AnswerMetrics watch;

    AnswerValve(AnswerMetrics watch) {
        super(true);
        this.watch = watch;
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        getNext().invoke(request, response);
    }

    @Override
    public void log(@Nullable Request request, @Nullable Response response, long time) {
        if (request == null || response == null) {
            return;
        }
        Mode mode = mode(request);
        if (mode != null) {
            watch.ended(mode, request, response.getStatus());
        }
    }

    /** Null if it is no order: its head may be so broken that nothing of it is known. */
    private static @Nullable Mode mode(Request request) {
        String path = request.getRequestURI();
        if (path == null || !HttpMethod.PATCH.name().equals(request.getMethod())) {
            return null;
        }
        return switch (path) {
            case OrderController.FAIR_PATH -> Mode.FAIR;
            case OrderController.DISTRIBUTED_PATH -> Mode.DISTRIBUTED;
            default -> null;
        };
    }

    @Override
    public void setRequestAttributesEnabled(boolean enabled) {
        // no line is written that could show them
    }

    @Override
    public boolean getRequestAttributesEnabled() {
        return false;
    }
}
