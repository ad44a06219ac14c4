package dev.turnstile.api.json;

import dev.turnstile.api.problem.Problem;
import dev.turnstile.api.problem.ProblemException;
import dev.turnstile.api.problem.ProblemType;
import java.util.ArrayList;
import java.util.List;

/** The invalid fields of one request, up to a bound, so that a client can fix all of them at once. */
final class FieldErrors {

    private static final int MOST_REPORTED = 10;

    private final List<FieldError> errors = new ArrayList<>();
    private int found;

    /**
     * One field and its fault.
     *
     * @param field path of the field, for example {@code orders[1].quantity}; empty for the body itself
     * @param message what it must be and what it was
     */
    record FieldError(String field, String message) {}

    void add(String field, String message) {
        found++;
        if (errors.size() < MOST_REPORTED) {
            errors.add(new FieldError(field, message));
        }
    }

    void throwIfAny() {
        if (errors.isEmpty()) {
            return;
        }
        FieldError first = errors.get(0);
        String subject = first.field().isEmpty() ? "The body" : first.field();
        String more = found == 1 ? "" : " (and %d more)".formatted(found - 1);
        throw new ProblemException(
                Problem.of(ProblemType.INVALID_REQUEST, "%s %s%s.".formatted(subject, first.message(), more))
                        .with("errors", List.copyOf(errors)));
    }
}
