package dev.turnstile.local.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class AuditTextTest {

    private final Findings findings = new Findings(2);

    @Test
    void everyCheckHasALineAndTheLastOneSumsUp() {
        findings.checked(Check.STOCK_SUMS, 1234);
        AuditReport report = findings.report(Instant.EPOCH, 5);
        assertThat(report.held()).isTrue();
        assertThat(AuditText.render(report).lines())
                .hasSize(1 + Check.values().length + 2)
                .anyMatch(line -> line.matches("stock-sums +the stored stock .* +1,234 +0"))
                .last()
                .isEqualTo("audit: " + Check.values().length + " checks, 0 violations");
    }

    @Test
    void violationsAreCountedInFullAndShownInPart() {
        for (long product = 1; product <= 5; product++) {
            findings.violated(Check.STOCK_SUMS, Finding.ofProduct(product, "1 too many"));
        }
        findings.noted(Note.WAITING, 7, Finding.of("7 in a topic"));
        AuditReport report = findings.report(Instant.EPOCH, 5);
        assertThat(report.violations()).isEqualTo(5);
        assertThat(report.refuted()).containsExactly(report.of(Check.STOCK_SUMS));
        assertThat(AuditText.render(report)).contains("""

                        VIOLATED stock-sums: expected that the stored stock equals the booked changes minus the fulfilled\
                         lines and is never negative
                          product 1: 1 too many
                          product 2: 1 too many
                          … and 3 more

                        7 waiting: orders that wait in a topic
                          7 in a topic

                        audit:""").endsWith("5 violations\n");
    }
}
