package dev.turnstile.local.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultHandleTest {

    private final List<String> undone = new ArrayList<>();

    @Test
    void whatIsUndoneIsUndoneOnce() {
        FaultHandle healing = FaultHandle.once(() -> undone.add("cut"));
        healing.heal();
        healing.close();
        assertThat(undone).containsExactly("cut");
    }

    @Test
    void allAreUndoneEvenIfOneCannotBe() {
        FaultHandle all = FaultHandle.all(List.of(
                () -> undone.add("first"),
                () -> {
                    throw new IllegalStateException("second");
                },
                () -> {
                    throw new IllegalStateException("third");
                },
                () -> undone.add("fourth")));
        assertThatThrownBy(all::heal).hasMessage("second").satisfies(e -> assertThat(e.getSuppressed())
                .hasSize(1));
        assertThat(undone).containsExactly("first", "fourth");
    }

    @Test
    void aFaultIsNamedAndMadeWhenItStrikes() {
        List<String> made = new ArrayList<>();
        Fault lasting = new Fault(Fault.Kind.CUT, "a to b", () -> {
            made.add("cut");
            return () -> undone.add("cut");
        });
        Fault passing = Fault.passing(Fault.Kind.FLUSHALL, "redis", () -> made.add("flush"));
        assertThat(made).isEmpty();

        lasting.strike().heal();
        passing.strike().heal();

        assertThat(made).containsExactly("cut", "flush");
        assertThat(undone).containsExactly("cut");
        assertThat(lasting).hasToString("cut a to b");
    }
}
