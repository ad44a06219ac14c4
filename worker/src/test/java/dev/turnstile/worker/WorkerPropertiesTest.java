package dev.turnstile.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WorkerPropertiesTest {

    /** Containers of one host may have its name and the same process id: they ended each other's claims. */
    @Test
    void claimsUnderANameThatHasSomethingRandom() {
        WorkerProperties worker = new WorkerProperties("pod-7", Duration.ofSeconds(8), 10, 4, 500);
        assertThat(worker.uniqueId()).matches("pod-7-[0-9a-f]{8}");
    }

    /** The live page finds out by it which worker decides a product's orders. */
    @Test
    void isTheSameForAsLongAsTheProcessRuns() {
        WorkerProperties worker = new WorkerProperties("pod-7", Duration.ofSeconds(8), 10, 4, 500);
        assertThat(worker.uniqueId()).isEqualTo(worker.uniqueId());
    }
}
