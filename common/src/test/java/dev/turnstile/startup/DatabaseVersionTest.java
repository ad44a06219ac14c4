package dev.turnstile.startup;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseVersionTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8.0.16",
                "8.0.31",
                "8.4.5-commercial",
                "9.5.0",
                "10.6.0-MariaDB",
                "10.11.19-MariaDB-0+deb12u1",
                "5.5.5-10.11.19-MariaDB-0+deb12u1",
                "11.4.2-MariaDB-log",
                "a proxy",
                ""
            })
    void isNewEnoughOrNotKnown(String version) {
        assertThatCode(() -> DatabaseVersion.check(version)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "5.7.44",
                "8.0.15",
                "5.5.68-MariaDB",
                "10.5.29-MariaDB-0+deb11u1",
                "5.5.5-10.5.29-MariaDB-0+deb11u1"
            })
    void isTooOldAndSaysWhatIsNeeded(String version) {
        assertThatThrownBy(() -> DatabaseVersion.check(version))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining(version)
                .hasMessageContaining("spring.datasource.url")
                .hasMessageContaining("MySQL 8.0.16 or MariaDB 10.6");
    }

    @Test
    void nothingIsSaidOfADatabaseThatSaysNothing() {
        assertThatCode(() -> DatabaseVersion.check(null)).doesNotThrowAnyException();
    }
}
