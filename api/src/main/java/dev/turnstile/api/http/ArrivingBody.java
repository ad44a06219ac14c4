package dev.turnstile.api.http;

import dev.turnstile.api.problem.Problem;
import dev.turnstile.api.problem.ProblemType;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A body of which some may still be on its way. No thread waits for it: the web server calls when there is more, and
 * one time limit holds for all of it.
 *
 * <p>Its first bytes are free, as the buffers of every connection are, and are all that an order needs; further ones
 * come out of what all bodies share. So clients that send much and never end can only turn away others that send much.
 */
final class ArrivingBody implements ReadListener, AsyncListener {

    private static final Logger log = LoggerFactory.getLogger(ArrivingBody.class);

    /** Of each body; the number of connections bounds them. */
    static final int FREE_BYTES = 2048;

    /** Bytes read of a body that is too long, so that its client gets the answer and not a closed connection. */
    private static final int MOST_DISCARDED = 1024 * 1024;

    private static final Duration LINGER = Duration.ofSeconds(1);

    private static final int ONE_TOO_MANY = RequestBody.MAX_BYTES + 1;

    private final ServletInputStream in;
    private final Semaphore shared;
    private final CompletableFuture<Optional<Problem>> end = new CompletableFuture<>();
    private volatile @Nullable AsyncContext context;
    private volatile boolean answered;

    // guarded by this
    private byte[] bytes;
    private int length;
    private int taken;
    private int discarded;
    private boolean tooLong;

    /**
     * @param announced length according to the header, or -1
     * @param shared a permit for each byte that all bodies may have beyond their first
     */
    ArrivingBody(ServletInputStream in, long announced, Semaphore shared) {
        this.in = in;
        this.shared = shared;
        this.bytes = new byte[announced < 0 ? FREE_BYTES : (int) Math.min(announced, FREE_BYTES)];
        this.tooLong = announced > RequestBody.MAX_BYTES;
    }

    /**
     * Reads what has arrived with the head of the request, all of it: the web server does not call for what it has
     * read.
     *
     * @param announced length according to the header
     * @return whether that is the whole body
     */
    synchronized boolean readWhatIsThere(long announced) throws IOException {
        while (!tooLong && length < announced && in.available() > 0 && hasRoom()) { // else reading would wait
            length += Math.max(0, in.read(bytes, length, bytes.length - length));
        }
        return length == announced;
    }

    /**
     * Has the request dispatched again when the rest is there, when it turns out to be too much, or when time is over.
     */
    void awaitRest(AsyncContext asyncContext, Duration limit) {
        context = asyncContext;
        asyncContext.addListener(this);
        CompletableFuture<Void> unused = end.completeOnTimeout(
                        Optional.of(late(limit)), limit.toNanos(), TimeUnit.NANOSECONDS)
                .thenRun(() -> {
                    if (!answered) {
                        asyncContext.dispatch();
                    }
                });
        if (tooLong()) {
            linger();
        }
        in.setReadListener(this);
    }

    /** Why the request has no body that could be used, if so. */
    Optional<Problem> fault() {
        return end.getNow(Optional.empty());
    }

    /** What has arrived. */
    synchronized byte[] bytes() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    /** Releases its part of the shared bytes. */
    synchronized void release() {
        shared.release(taken);
        taken = 0;
    }

    @Override
    public synchronized void onDataAvailable() throws IOException {
        while (!end.isDone() && in.isReady()) {
            if (tooLong) {
                discard();
            } else if (hasRoom()) {
                length += Math.max(0, in.read(bytes, length, bytes.length - length));
                if (length == ONE_TOO_MANY) {
                    tooLong = true;
                    linger();
                }
            }
        }
    }

    @Override
    public void onAllDataRead() {
        end(tooLong() ? tooLarge() : null);
    }

    /** The client disconnected or sent an invalid body. In the second case this is the last chance to answer it. */
    @Override
    public void onError(Throwable failure) {
        AsyncContext asyncContext = context;
        if (asyncContext == null || end.isDone()) {
            return;
        }
        answered = true;
        end(null);
        release();
        try {
            Problem.of(ProblemType.BAD_REQUEST, "The body ended early or was not sent as its headers say.")
                    .write((HttpServletResponse) asyncContext.getResponse());
        } catch (IOException | IllegalStateException e) {
            log.debug("the client disconnected", e);
        }
        asyncContext.complete();
    }

    /** The last that happens, whatever happened. */
    @Override
    public void onComplete(AsyncEvent event) {
        release();
    }

    @Override
    public void onTimeout(AsyncEvent event) {}

    @Override
    public void onError(AsyncEvent event) {}

    @Override
    public void onStartAsync(AsyncEvent event) {}

    private void end(@Nullable Problem fault) {
        end.complete(Optional.ofNullable(fault));
    }

    private synchronized boolean tooLong() {
        return tooLong;
    }

    private void linger() {
        end.completeOnTimeout(Optional.of(tooLarge()), LINGER.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Whether there is room for a byte; if the shared memory is used up, reading ends. */
    private boolean hasRoom() {
        if (length < bytes.length) {
            return true;
        }
        int more = Math.min(Math.max(length, FREE_BYTES), ONE_TOO_MANY - length);
        if (!shared.tryAcquire(more)) {
            end(Problem.of(ProblemType.UNAVAILABLE, "Too many long bodies are being received."));
            return false;
        }
        taken += more;
        bytes = Arrays.copyOf(bytes, length + more);
        return true;
    }

    private void discard() throws IOException {
        discarded += Math.max(0, in.read(bytes, 0, bytes.length));
        if (discarded > MOST_DISCARDED) {
            end(tooLarge());
        }
    }

    static Problem tooLarge() {
        return Problem.of(
                ProblemType.BODY_TOO_LARGE, "The body is longer than " + RequestBody.MAX_BYTES + " bytes, the limit.");
    }

    private static Problem late(Duration limit) {
        return Problem.of(
                ProblemType.BODY_TIMEOUT, "The body did not arrive within " + limit.toMillis() + " ms of its headers.");
    }
}
