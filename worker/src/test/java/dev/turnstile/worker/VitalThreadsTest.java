package dev.turnstile.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.availability.ApplicationAvailabilityBean;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.AvailabilityState;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.support.GenericApplicationContext;

@ExtendWith(OutputCaptureExtension.class)
class VitalThreadsTest {

    private final GenericApplicationContext context = new GenericApplicationContext();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final AtomicInteger ends = new AtomicInteger();

    private VitalThreads threads() {
        context.registerBean(ApplicationAvailabilityBean.class);
        context.refresh();
        AvailabilityChangeEvent.publish(context, LivenessState.CORRECT);
        AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
        return new VitalThreads(context, () -> {
            ends.incrementAndGet();
            ended.complete(null);
        });
    }

    static Stream<Throwable> whatNobodyForesaw() {
        return Stream.of(
                new OutOfMemoryError("no heap"), new StackOverflowError(), new IllegalStateException("interrupted"));
    }

    @ParameterizedTest
    @MethodSource("whatNobodyForesaw")
    void aDeadThreadIsToldByHealthAndEndsTheWorker(Throwable cause, CapturedOutput output) throws Exception {
        VitalThreads threads = threads();
        Runnable dying = () -> {
            if (cause instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) cause;
        };
        threads.start("fair-decider", dying).join();
        threads.start("distributed-decider-0", dying).join();
        ended.get(10, TimeUnit.SECONDS);
        ApplicationAvailabilityBean availability = context.getBean(ApplicationAvailabilityBean.class);
        assertThat(List.<AvailabilityState>of(availability.getLivenessState(), availability.getReadinessState()))
                .containsExactly(LivenessState.BROKEN, ReadinessState.REFUSING_TRAFFIC);
        assertThat(ends).hasValue(1);
        assertThat(output)
                .contains("the thread fair-decider died: stopping this worker")
                .contains(cause.toString());
    }

    @Test
    void oneThatReturnsEndsNothing() throws Exception {
        List<String> done = new CopyOnWriteArrayList<>();
        threads().start("fair-decider", () -> done.add("stopped")).join();
        assertThat(done).hasSize(1);
        assertThat(ends).hasValue(0);
        assertThat(context.getBean(ApplicationAvailabilityBean.class).getLivenessState())
                .isEqualTo(LivenessState.CORRECT);
    }
}
