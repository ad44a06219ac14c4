package dev.turnstile.local.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnstile.local.project.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BinariesTest {

    private static final String SHA256_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    /** Without a copy that another process writes, some of so many do not start. */
    private static final int PROGRAMS = 200;

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

    @Test
    void aProgramStartsAlsoWhileOtherThreadsStartProcesses(@TempDir Path folder) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Thread other = new Thread(() -> {
            while (!over.get()) {
                run(Path.of("/bin/ls"));
            }
        });
        other.start();
        try {
            for (int i = 0; i < PROGRAMS; i++) {
                Path program = Files.copy(Path.of("/bin/ls"), folder.resolve("program-" + i));
                Binaries.makeExecutable(program);

                assertThat(run(program)).isZero();
            }
        } finally {
            over.set(true);
            other.join();
        }
    }

    private static int run(Path program) {
        try {
            return new ProcessBuilder(program.toString(), "/dev/null")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
