package dev.turnstile.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

class ProofTableTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final List<String> printed = new ArrayList<>();

    /** Not found by its name: only {@link ProofTableTest} runs it. */
    static class Example {

        @Test
        void showsNothing() {}

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void showsSomething(boolean holds, TestReporter reporter) {
            Proofs.show(reporter, "that\tit | holds", "3 of 3");
            if (!holds) {
                fail("it does not");
            }
        }
    }

    private void run(boolean wanted, String session) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(Example.class))
                .build();
        LauncherConfig alone = LauncherConfig.builder()
                .enableTestExecutionListenerAutoRegistration(false)
                .addTestExecutionListeners(new ProofTable(
                        wanted,
                        session,
                        folder.resolve("rows/rows.tsv"),
                        folder.resolve("table/table.md"),
                        printed::add))
                .build();
        LauncherFactory.create(alone).execute(request);
    }

    @Test
    void tellsWhatWasShownByAllRunsOfThisBuild() throws IOException {
        run(true, "yesterday");
        run(true, "today");
        run(true, "today");

        assertThat(Files.readAllLines(folder.resolve("table/table.md")).stream()
                        .map(line -> line.replaceAll("[0-9]+\\.[0-9]", "TIME")))
                .containsExactly(
                        "| proof | shown | counts | s | |",
                        "| --- | --- | --- | ---: | --- |",
                        "| `ProofTableTest$Example.showsSomething` | that it / holds | 3 of 3 | TIME | held |",
                        "| `ProofTableTest$Example.showsSomething` | that it / holds | 3 of 3 | TIME | **FAILED** |",
                        "| `ProofTableTest$Example.showsSomething` | that it / holds | 3 of 3 | TIME | held |",
                        "| `ProofTableTest$Example.showsSomething` | that it / holds | 3 of 3 | TIME | **FAILED** |");
        assertThat(printed).hasSize(3).last().asString().contains("| held |");
    }

    @Test
    void writesNothingUnlessProofsAreWanted() {
        run(false, "today");
        assertThat(folder).isEmptyDirectory();
        assertThat(printed).isEmpty();
    }

    @Test
    void repeatsAsOftenAsIsWanted() {
        assertThat(Proofs.times(1, 20)).isEqualTo(Proofs.wanted() ? 20 : 1);
    }
}
