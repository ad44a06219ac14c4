package dev.turnstile.local.chaos;

import dev.turnstile.local.chaos.Exchange.Answer;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads answers as a client does. */
final class Answers {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String DATA = "data:";

    /** What an order is that is answered with a problem. */
    private static final Map<String, String> OUTCOMES = Map.of(
            "out-of-stock", Outcome.OUT_OF_STOCK,
            "unknown-product", Outcome.UNKNOWN_PRODUCT,
            "cancelled", Outcome.CANCELLED,
            "lock-unavailable", Outcome.UNAVAILABLE,
            "invalid-order", Outcome.INVALID);

    private Answers() {}

    /**
     * An answer with a body.
     *
     * @param asked the order that was asked for, or null
     */
    static Answer of(int status, String body, @Nullable UUID asked) {
        try {
            return read(status, JSON.readTree(body), asked);
        } catch (JacksonException | IllegalArgumentException e) {
            return Answer.of(status, asked, "unreadable: " + body);
        }
    }

    private static Answer read(int status, JsonNode body, @Nullable UUID asked) {
        String id = body.path("orderId").asString("");
        UUID orderId = id.isEmpty() ? asked : UUID.fromString(id);
        if (asked != null && !asked.equals(orderId)) {
            return Answer.of(status, asked, "of another order: " + orderId);
        }
        String type = body.path("type").asString("");
        String problem = type.isEmpty() ? null : type.substring(type.lastIndexOf('/') + 1);
        String told = null;
        if (problem == null) {
            told = textOrNull(body.path("status"));
        } else if (orderId != null) {
            told = problem.equals("already-decided") ? textOrNull(body.path("outcome")) : OUTCOMES.get(problem);
        }
        List<Shortage> shortages = new ArrayList<>();
        for (JsonNode shortage : body.path("shortages")) {
            shortages.add(new Shortage(
                    shortage.path("productId").asLong(),
                    shortage.path("requested").asInt(),
                    shortage.path("available").asInt()));
        }
        JsonNode ticket = body.path("ticket");
        return new Answer(status, orderId, problem, told, ticket.isNumber() ? ticket.asLong() : null, shortages);
    }

    private static @Nullable String textOrNull(JsonNode text) {
        return text.isString() ? text.asString() : null;
    }

    /** Reads a stream of events to its end: the state in the last of them. An outcome must be the last. */
    static Answer ofEvents(String events, @Nullable UUID asked) {
        Answer last = Answer.of(200, asked, null);
        boolean decided = false;
        for (String line : events.lines().filter(text -> text.startsWith(DATA)).toList()) {
            Answer told = of(200, line.substring(DATA.length()), asked);
            if (decided || told.problem() != null || told.told() == null) {
                return Answer.of(200, asked, "events in no order: " + events);
            }
            decided = !told.told().equals(Exchange.WAITING);
            last = told;
        }
        return last;
    }
}
