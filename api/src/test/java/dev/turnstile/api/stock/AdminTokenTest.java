package dev.turnstile.api.stock;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AdminTokenTest {

    @Test
    void withoutATokenNobodyPassesAndThePropertyIsNamed() {
        assertThatThrownBy(() -> new AdminToken(null).demand("Bearer null"))
                .hasMessageContaining("turnstile.api.admin-token");
    }

    @Test
    void takesTheTokenWithAnyWritingOfTheScheme() {
        AdminToken token = new AdminToken("käse");
        assertThatCode(() -> token.demand("bearer käse")).doesNotThrowAnyException();
        assertThatThrownBy(() -> token.demand("bearer KÄSE")).hasMessageContaining("Bearer");
    }
}
