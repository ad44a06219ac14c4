package dev.turnstile.api.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.threads.TaskThread;

/**
 * Bounds how many threads of the web server wait at a time because a client does not read: whatever the answer, it is
 * the write that waits. Tomcat waits after a write that took nothing. Beyond the bound the connection of the next such
 * client is closed.
 */
final class WaitingWrites {

    private final Semaphore threads;

    /**
     * Creates a bound.
     *
     * @param most how many threads may wait at a time
     */
    WaitingWrites(int most) {
        this.threads = new Semaphore(most);
    }

    NioChannel plain(SocketBufferHandler buffers) {
        return new Plain(buffers, new Wait(threads));
    }

    NioChannel secure(SocketBufferHandler buffers, NioEndpoint endpoint) {
        return new Secure(buffers, endpoint, new Wait(threads));
    }

    /** What writes to a socket as much as it takes. */
    @FunctionalInterface
    private interface Write {
        int from(ByteBuffer source) throws IOException;
    }

    /** The wait of one connection, which one thread at a time writes to; any may close it. */
    private static final class Wait {

        private final Semaphore threads;
        private final AtomicBoolean counted = new AtomicBoolean();

        Wait(Semaphore threads) {
            this.threads = threads;
        }

        /**
         * Writes, and finds out whether the web server is going to wait.
         *
         * @param left how many bytes the channel has taken and not written
         */
        int note(Write write, ByteBuffer source, IntSupplier left) throws IOException {
            boolean waits = false;
            try {
                int bytes = write.from(source);
                boolean isLeft = source.hasRemaining() || left.getAsInt() > 0;
                if (isLeft && bytes == 0 && !counted.get()) {
                    begin();
                }
                waits = isLeft;
                return bytes;
            } finally {
                if (!waits) {
                    end();
                }
            }
        }

        private void begin() throws IOException {
            if (Thread.currentThread() instanceof SharedWriter) {
                throw new IOException("the client reads too slowly for a thread that serves others, too");
            }
            if (Thread.currentThread() instanceof TaskThread) { // others have bounds of their own
                if (!threads.tryAcquire()) {
                    throw new IOException("too many clients do not read");
                }
                counted.set(true);
            }
        }

        void end() {
            if (counted.compareAndSet(true, false)) {
                threads.release();
            }
        }
    }

    private static final class Plain extends NioChannel {

        private final Wait wait;

        Plain(SocketBufferHandler buffers, Wait wait) {
            super(buffers);
            this.wait = wait;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            return wait.note(super::write, source, () -> 0);
        }

        @Override
        public void close() throws IOException {
            wait.end();
            super.close();
        }
    }

    private static final class Secure extends SecureNioChannel {

        private final Wait wait;

        Secure(SocketBufferHandler buffers, NioEndpoint endpoint, Wait wait) {
            super(buffers, endpoint);
            this.wait = wait;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            return wait.note(super::write, source, this::getOutboundRemaining);
        }

        @Override
        public void close() throws IOException {
            wait.end();
            super.close();
        }
    }
}
