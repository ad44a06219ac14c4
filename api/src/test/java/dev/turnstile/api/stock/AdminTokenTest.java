package dev.turnstile.api.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnstile.api.problem.ProblemException;
import dev.turnstile.api.problem.ProblemType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminTokenTest {

    @Test
    void withoutATokenNobodyPassesAndThePropertyIsNamed() {
        assertThatThrownBy(() -> new AdminToken(null).demand("Bearer null"))
                .hasMessageContaining("turnstile.api.admin-token");
    }

    @Test
    void takesTheTokenWithAnyWritingOfTheScheme() {
        AdminToken token = new AdminToken("kase");
        assertThatCode(() -> token.demand("bearer kase")).doesNotThrowAnyException();
        assertThatThrownBy(() -> token.demand("bearer KASE")).hasMessageContaining("Bearer");
    }

    /** How long a comparison takes depends on what was sent alone: see {@link java.security.MessageDigest#isEqual}. */
    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer ",
                "Bearer \t ",
                "Bearersecret",
                "Bearer secre",
                "Bearer secrett",
                "Bearer secret secret",
                "Bearer xecret",
                "Bearer Secret",
                "Bearer \u0000secret",
                "Bearer s\u00e9cret",
                "Basic secret",
                "Bearer,Bearer secret",
                " Bearer secret",
                "secret",
            })
    void refusesWhateverIsNotTheToken(@Nullable String authorization) {
        assertThatThrownBy(() -> new AdminToken("secret").demand(authorization))
                .isInstanceOfSatisfying(ProblemException.class, e -> {
                    assertThat(e.problem().type()).isEqualTo(ProblemType.UNAUTHORIZED);
                    assertThat(e.problem().headers().getFirst("WWW-Authenticate"))
                            .startsWith("Bearer");
                });
    }
}
