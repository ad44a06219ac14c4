package dev.turnstile.batch;

import java.util.concurrent.CompletionException;

/** Failures of asynchronous calls. */
public final class AsyncFailures {

    private AsyncFailures() {}

    /** What made a call fail, without the {@link CompletionException} that futures wrap it in. */
    public static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
