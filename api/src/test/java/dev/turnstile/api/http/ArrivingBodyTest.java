package dev.turnstile.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.servlet.ReadListener;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.DelegatingServletInputStream;
import org.springframework.mock.web.MockAsyncContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class ArrivingBodyTest {

    private static final Duration LIMIT = Duration.ofSeconds(2);

    /** The one thread of this process on which such limits end. */
    private static final Executor TIMERS = CompletableFuture.delayedExecutor(0, TimeUnit.NANOSECONDS, Runnable::run);

    private final ArrivingBody body = new ArrivingBody(new Unread(), -1, new Semaphore(0));
    private final MockAsyncContext context =
            new MockAsyncContext(new MockHttpServletRequest(), new MockHttpServletResponse());

    /** As on a machine that was put aside: when it goes on, the limit is over and the body is there. */
    @Test
    void aLimitThatEndedWhileNothingRanIsNoReasonToRefuseWhatIsThere() throws Exception {
        CountDownLatch stands = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        TIMERS.execute(() -> {
            stands.countDown();
            awaitQuietly(goesOn);
        });
        stands.await();
        body.awaitRest(context, LIMIT);
        CompletableFuture<Void> over = CompletableFuture.runAsync(
                () -> {}, CompletableFuture.delayedExecutor(LIMIT.toNanos(), TimeUnit.NANOSECONDS, Runnable::run));
        await().pollDelay(LIMIT).until(() -> !over.isDone());
        goesOn.countDown();
        over.get(10, TimeUnit.SECONDS);

        body.onAllDataRead();
        assertThat(body.fault()).isEmpty();
    }

    @Test
    void aBodyThatDoesNotComeIsRefusedWhenTheLimitIsOver() {
        long start = System.nanoTime();
        body.awaitRest(context, LIMIT);
        await().until(() -> body.fault().isPresent());
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(LIMIT);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Unread extends DelegatingServletInputStream {

        Unread() {
            super(InputStream.nullInputStream());
        }

        @Override
        public void setReadListener(ReadListener listener) {}
    }
}
