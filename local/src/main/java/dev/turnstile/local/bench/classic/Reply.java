package dev.turnstile.local.bench.classic;

import dev.turnstile.order.Decision;
import dev.turnstile.order.Outcome;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer over HTTP, in the form that Turnstile's API gives it.
 *
 * @param status of HTTP
 * @param contentType of the body
 * @param body written as JSON
 */
record Reply(int status, String contentType, Object body) {

    private static final String JSON = "application/json";
    private static final String PROBLEM = "application/problem+json";

    static Reply ok(Object body) {
        return new Reply(200, JSON, body);
    }

    static Reply problem(int status, String slug, String detail) {
        return new Reply(status, PROBLEM, problemBody(status, slug, detail));
    }

    /** What became of an order. */
    static Reply of(Decision decision) {
        Outcome outcome = decision.outcome();
        if (outcome instanceof Outcome.Fulfilled fulfilled) {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("orderId", decision.orderId());
            body.put("mode", decision.mode());
            body.put("status", outcome.status());
            body.put("stocks", fulfilled.stocks());
            return ok(body);
        }
        if (outcome instanceof Outcome.OutOfStock outOfStock) {
            return problem(decision, 409, "out-of-stock", "Nothing was taken.", "shortages", outOfStock.shortages());
        }
        if (outcome instanceof Outcome.UnknownProduct unknown) {
            return problem(decision, 404, "unknown-product", "Nothing was taken.", "productIds", unknown.productIds());
        }
        String reason = outcome instanceof Outcome.Unavailable unavailable ? unavailable.reason() : outcome.toString();
        return problem(decision, 503, "lock-unavailable", reason, "status", 503);
    }

    private static Reply problem(
            Decision decision, int status, String slug, String detail, String member, Object value) {
        Map<String, Object> body = problemBody(status, slug, detail);
        body.put("orderId", decision.orderId());
        body.put("mode", decision.mode());
        body.put(member, value);
        return new Reply(status, PROBLEM, body);
    }

    private static Map<String, Object> problemBody(int status, String slug, String detail) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "/problems/" + slug);
        body.put("title", slug.replace('-', ' '));
        body.put("status", status);
        body.put("detail", detail);
        return body;
    }
}
