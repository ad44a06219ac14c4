package dev.turnstile.api.http;

import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.coyote.AbstractProcessor;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.apache.tomcat.util.threads.ThreadPoolExecutor;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 for clients that can't be trusted: answers have small buffers, a head has one time limit for all of it,
 * clients that don't read hold half of the threads at most, and nothing is read, on a thread that would wait for it, of
 * an unwanted body. Created by Tomcat.
 */
public final class BoundedHttp extends Http11NioProtocol {

    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final long UNSET = -1;

    private int bufferBytes;
    private long headNanos;
    private @Nullable ScheduledFuture<?> looking;

    /** A protocol that Tomcat sets up. */
    public BoundedHttp() {
        super(new OneAtATime());
    }

    /**
     * Sets the bounds, before the start.
     *
     * @param buffer size of the buffer of an answer, in bytes
     * @param head the longest time from the first byte of a request to the end of its headers
     */
    void bound(int buffer, Duration head) {
        bufferBytes = buffer;
        headNanos = head.toNanos();
    }

    @Override
    public int getDesiredBufferSize() {
        return bufferBytes;
    }

    @Override
    public void setAdapter(Adapter adapter) {
        super.setAdapter(new WithoutSwallowing(adapter));
    }

    @Override
    public void start() throws Exception {
        super.start();
        looking = getUtilityExecutor()
                .scheduleWithFixedDelay(this::closeSlowHeads, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop() throws Exception {
        if (looking != null) {
            looking.cancel(false);
        }
        super.stop();
    }

    private void closeSlowHeads() {
        long now = System.nanoTime();
        getEndpoint().getConnections().forEach(connection -> closeIfSlow(connection, now));
    }

    private void closeIfSlow(SocketWrapperBase<NioChannel> connection, long now) {
        ReentrantLock lock = connection.getLock();
        if (lock.tryLock()) { // else it is being read right now
            try {
                // Between two requests there is no processor, and while an answer is awaited it is asynchronous.
                if (!connection.isClosed()
                        && connection.getCurrentProcessor() instanceof AbstractProcessor processor
                        && !processor.isAsync()
                        && processor.getRequest().getStartTimeNanos() != UNSET
                        && now - processor.getRequest().getStartTimeNanos() > headNanos) {
                    connection.close();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * When a thread of Tomcat's 11.0.24 reads the end of a chunked body for a listener, it processes the socket once
     * more inside of that, as if the request were over. It then takes the end of what the client sends for the end of
     * the connection, and closes it while the request is still handled. The listener is notified of the end without
     * that.
     *
     * <p>A thread that has just written an answer comes here too and must continue: it takes events that are left, and
     * those of the next request, to which Tomcat may have given the answered one's processor meanwhile.
     */
    static class OneAtATime extends NioEndpoint {

        /**
         * A thread that processes a connection holds its lock; a thread with left-over work for it has acquired it
         * again.
         */
        private static final int NESTED = 2;

        private WaitingWrites writes = new WaitingWrites(1);

        @Override
        public void startInternal() throws Exception {
            int threads =
                    getExecutor() instanceof ThreadPoolExecutor pool ? pool.getMaximumPoolSize() : getMaxThreads();
            writes = new WaitingWrites(Math.max(1, threads / 2));
            super.startInternal();
        }

        @Override
        protected NioChannel createChannel(SocketBufferHandler buffers) {
            return isSSLEnabled() ? writes.secure(buffers, this) : writes.plain(buffers);
        }

        @Override
        public boolean processSocket(SocketWrapperBase<NioChannel> connection, SocketEvent event, boolean dispatch) {
            if (!dispatch && connection.getLock().getHoldCount() >= NESTED) {
                return true;
            }
            return super.processSocket(connection, event, dispatch);
        }
    }

    /**
     * Closes the connection of a request that was answered before its body was read, instead of waiting for the body.
     * Notes which bodies need no waiting: filters can't see how much is there, but that something is.
     */
    private record WithoutSwallowing(Adapter adapter) implements Adapter {

        @Override
        public void service(Request request, Response response) throws Exception {
            if (response.getStatus() < HttpServletResponse.SC_BAD_REQUEST) { // else its head can't be read
                request.action(ActionCode.AVAILABLE, false);
                long length = request.getContentLengthLong();
                if (length >= 0 && length <= request.getAvailable()) {
                    request.setAttribute(RequestBody.CAME_WITH_HEAD, true);
                }
            }
            adapter.service(request, response);
            AtomicBoolean async = new AtomicBoolean();
            request.action(ActionCode.ASYNC_IS_ASYNC, async);
            if (!async.get() && !request.isFinished()) {
                request.action(ActionCode.DISABLE_SWALLOW_INPUT, null);
            }
        }

        @Override
        public boolean prepare(Request request, Response response) throws Exception {
            return adapter.prepare(request, response);
        }

        @Override
        public boolean asyncDispatch(Request request, Response response, SocketEvent status) throws Exception {
            return adapter.asyncDispatch(request, response, status);
        }

        @Override
        public void log(Request request, Response response, long time) {
            adapter.log(request, response, time);
        }

        @Override
        public void checkRecycled(Request request, Response response) {
            adapter.checkRecycled(request, response);
        }

        @Override
        public String getDomain() {
            return adapter.getDomain();
        }
    }
}
