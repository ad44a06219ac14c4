package dev.turnstile.startup;

/**
 * Why an application cannot start, in words for the person who starts it; reported in one line, without a trace.
 * The process ends with code 1 as after any failure of {@code main}. It names no exit code of its own, because Spring
 * Boot would publish that to a context that is closed already.
 */
public final class StartupException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what is wrong, the name of the property or server, and the fix
     */
    public StartupException(String message) {
        super(message);
    }
}
