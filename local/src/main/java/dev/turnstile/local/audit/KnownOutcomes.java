package dev.turnstile.local.audit;

import dev.turnstile.order.Mode;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** {@link Check#KNOWN_OUTCOMES}. */
final class KnownOutcomes implements LedgerCheck {

    private final Findings findings;

    KnownOutcomes(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void look(LedgerOrder order) {
        findings.checked(Check.KNOWN_OUTCOMES, 1);
        String problem = problem(order);
        if (problem != null) {
            findings.violated(Check.KNOWN_OUTCOMES, Finding.ofRow(order, problem));
        }
    }

    private static @Nullable String problem(LedgerOrder order) {
        if (order.unreadable() != null) {
            return order.unreadable();
        }
        if (order.outcome() != null && !order.outcome().status().equals(order.status())) {
            return "its status is " + order.status() + ", its outcome says "
                    + order.outcome().status();
        }
        if (Arrays.stream(Mode.values()).noneMatch(mode -> mode.name().equals(order.mode()))) {
            return "its mode is " + order.mode();
        }
        return null;
    }
}
