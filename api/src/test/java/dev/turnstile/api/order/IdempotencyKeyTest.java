package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnstile.api.problem.ProblemException;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdempotencyKeyTest {

    private static @Nullable IdempotencyKey of(String... values) {
        return IdempotencyKey.of(Collections.enumeration(List.of(values)));
    }

    @Test
    void isNoKeyWhereThereIsNoHeader() {
        assertThat(of()).isNull();
        assertThat(IdempotencyKey.of(null)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8e03978e-40d5-43e8-bc93-6894a57f9324",
                "\"8e03978e-40d5-43e8-bc93-6894a57f9324\"",
                " 8e03978e-40d5-43e8-bc93-6894a57f9324 "
            })
    void meansTheSameWithQuotationMarksAndWithout(String header) {
        assertThat(of(header)).isEqualTo(new IdempotencyKey("8e03978e-40d5-43e8-bc93-6894a57f9324"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\"\"", "\"", "a b", "a\"b", "a\\b", "ä", "\u0007", "\"a"})
    void refusesWhatIsNoKey(String header) {
        assertThatThrownBy(() -> of(header))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("Idempotency-Key must be given once");
    }

    @Test
    void refusesTwoKeysAndLongOnes() {
        assertThatThrownBy(() -> of("a", "b")).isInstanceOf(ProblemException.class);
        assertThat(of("k".repeat(255))).isNotNull();
        assertThatThrownBy(() -> of("k".repeat(256))).isInstanceOf(ProblemException.class);
    }
}
