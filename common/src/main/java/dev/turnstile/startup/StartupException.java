package dev.turnstile.startup;

import org.springframework.boot.ExitCodeGenerator;

/** Why an application cannot start, in words for the person who starts it; reported in one line, without a trace. */
public final class StartupException extends RuntimeException implements ExitCodeGenerator {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what is wrong, the name of the property or server, and how to mend it
     */
    public StartupException(String message) {
        super(message);
    }

    @Override
    public int getExitCode() {
        return 1;
    }
}
