package dev.turnstile.api.http;

/**
 * A thread that writes to many clients in turn, and waits for none: the connection of a client whose socket takes no
 * more is closed, and the write fails with an {@link java.io.IOException}.
 */
public final class SharedWriter extends Thread {

    /** Creates a thread that is not started. */
    public SharedWriter(Runnable work, String name) {
        super(work, name);
    }
}
