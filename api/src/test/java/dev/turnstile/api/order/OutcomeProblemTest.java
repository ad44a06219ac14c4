package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.order.Outcome;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OutcomeProblemTest {

    @Test
    void everyKindOfOutcomeHasAMeaning() {
        List<Outcome> outcomes = List.of(
                new Outcome.Fulfilled(List.of()),
                new Outcome.OutOfStock(List.of()),
                new Outcome.UnknownProduct(List.of(1L)),
                new Outcome.Cancelled(),
                new Outcome.Unavailable("busy"),
                new Outcome.Invalid("broken"));
        assertThat(outcomes.stream().<Class<?>>map(Outcome::getClass))
                .as("add a new outcome to this list and to OutcomeProblem")
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(Outcome.class.getPermittedSubclasses()).toList());
        assertThat(outcomes).allSatisfy(outcome -> {
            OutcomeProblem meaning = OutcomeProblem.of(outcome);
            assertThat(meaning.problem() == null).isEqualTo(outcome instanceof Outcome.Fulfilled);
            assertThat(meaning.detail() == null).isEqualTo(outcome instanceof Outcome.Fulfilled);
        });
    }
}
