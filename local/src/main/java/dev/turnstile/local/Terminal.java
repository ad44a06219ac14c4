package dev.turnstile.local;

import java.io.Console;

/** The terminal that this was started from, if there is one. */
final class Terminal {

    private Terminal() {}

    /** Whether a person types to standard input and reads standard output. */
    @SuppressWarnings("SystemConsoleNull") // later JDKs return a console without a terminal, which is checked below
    static boolean isThere() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            // from JDK 22 on there is a console without a terminal, too
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }
}
