package dev.turnstile.local.project;

import java.util.List;

/**
 * An error that the user can fix. The message is one self-contained line: what is wrong and how to fix it.
 * What helps only those who look closer (the last lines of a log, say) is in {@link #details()}.
 */
public final class UserError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final List<String> details;

    /** An error without details. */
    public UserError(String message) {
        super(message);
        this.details = List.of();
    }

    /** An error that was caused by another. */
    public UserError(String message, Throwable cause) {
        super(message, cause);
        this.details = List.of();
    }

    /** An error with lines of evidence. */
    public UserError(String message, List<String> details) {
        super(message);
        this.details = List.copyOf(details);
    }

    /** Lines of evidence, possibly none. */
    public List<String> details() {
        return details;
    }
}
