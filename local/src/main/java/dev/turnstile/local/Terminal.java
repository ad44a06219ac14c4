package dev.turnstile.local;

import java.io.Console;

/** The terminal that this was started from, if there is one. */
final class Terminal {

    private Terminal() {}

    /** Whether somebody types to standard input and reads standard output. */
    @SuppressWarnings("SystemConsoleNull") // what it says about later JDKs is asked for below
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
