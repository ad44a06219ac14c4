package dev.turnstile.local.server;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnstile.local.project.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BinariesTest {

    private static final String SHA256_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void acceptsTheArchiveThatWasPinned(@TempDir Path folder) throws IOException {
        Path archive = Files.writeString(folder.resolve("redis.jar"), "abc");

        assertThatCode(() -> Binaries.verify(archive, SHA256_OF_ABC)).doesNotThrowAnyException();
    }

    @Test
    void refusesAnyOtherInOneLine(@TempDir Path folder) throws IOException {
        Path archive = Files.writeString(folder.resolve("redis.jar"), "abd");

        assertThatThrownBy(() -> Binaries.verify(archive, SHA256_OF_ABC))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("redis.jar is not the file that Turnstile expects")
                .hasMessageContaining(SHA256_OF_ABC)
                .hasMessageNotContaining("\n");
    }
}
