package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.f4b6a3.uuid.util.UuidValidator;
import dev.turnstile.stock.Installation;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class OrderIdsTest {

    private static final IdempotencyKey KEY = new IdempotencyKey("a");

    private static OrderIds of(int secret) {
        byte[] bytes = new byte[32];
        bytes[31] = (byte) secret;
        return new OrderIds(new Installation(UUID.randomUUID(), bytes));
    }

    private final OrderIds ids = of(1);

    @Test
    void givesEachAttemptAnIdThatDependsOnNothingElse() {
        assertThat(ids.of(KEY, 0, 4)).doesNotHaveDuplicates().isEqualTo(of(1).of(new IdempotencyKey("a"), 0, 4));
        assertThat(ids.of(KEY, 2, 2)).isEqualTo(ids.of(KEY, 0, 4).subList(2, 4));
        assertThat(ids.of(new IdempotencyKey("1:a"), 0, 20)).doesNotContainAnyElementsOf(ids.of(KEY, 0, 20));
    }

    @Test
    void whoHasAnotherSecretComputesOtherIds() {
        assertThat(of(2).of(KEY, 0, 20)).doesNotContainAnyElementsOf(ids.of(KEY, 0, 20));
    }

    @Test
    void isAUuidOfVersionEight() {
        assertThat(ids.of(KEY, 0, 50)).allSatisfy(id -> {
            assertThat(id.version()).isEqualTo(8);
            assertThat(id.variant()).isEqualTo(2);
            assertThat(UuidValidator.isValid(id.toString())).isTrue();
        });
    }
}
