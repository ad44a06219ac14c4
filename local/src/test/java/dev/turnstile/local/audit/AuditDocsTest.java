package dev.turnstile.local.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.local.project.ProjectFiles;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/audit.md} to the checks. */
class AuditDocsTest {

    @Test
    void everyCheckHasALineWithItsClaim() throws IOException {
        String page = Files.readString(ProjectFiles.locate().root().resolve("docs/audit.md"));
        assertThat(Check.values())
                .allSatisfy(check -> assertThat(page).contains("| `" + check.title() + "` | " + check.claim() + " |"));
        assertThat(page).contains("audit: " + Check.values().length + " checks, 0 violations");
    }
}
