package dev.turnstile.local.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnstile.local.project.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {

    @Test
    void knowsTheMachinesForWhichThereArePrograms() {
        assertThat(Platform.of("Linux", "amd64")).isEqualTo(Platform.LINUX_X64);
        assertThat(Platform.of("Mac OS X", "x86_64")).isEqualTo(Platform.MAC_X64);
        assertThat(Platform.of("Mac OS X", "aarch64")).isEqualTo(Platform.MAC_ARM64);
    }

    @ParameterizedTest
    @CsvSource({"Linux,aarch64", "Linux,x86", "Windows 11,amd64", "FreeBSD,amd64"})
    void otherMachinesAreOneLineThatNamesTheWayOut(String os, String arch) {
        assertThatThrownBy(() -> Platform.of(os, arch))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(os + " on " + arch)
                .hasMessageContaining("--redis-line")
                .hasMessageContaining("--mysql-url")
                .hasMessageNotContaining("\n");
    }
}
