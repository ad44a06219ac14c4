package dev.turnstile.local.sale;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.SharedSystem;
import dev.turnstile.local.system.SystemOptions.FairPartitionKey;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.order.Mode;
import dev.turnstile.proof.Proofs;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each worker and then each API is stopped and started again, one after the other, while buyers order. No buyer may
 * lose an order, get two or lose a position; the waiting times are reported.
 */
@Tag(Proofs.TAG)
class RollingRestartIT {

    private static final int ORDERS_PER_SECOND = 50;
    private static final Duration UNDISTURBED = Duration.ofSeconds(20);

    /** Longer than all restarts take. */
    private static final Duration DISTURBED = Duration.ofMinutes(2);

    /** A head that is lost holds up the line for two leases; a restart must not come near that. */
    private static final Duration PAUSE_AT_MOST = Duration.ofSeconds(5);

    @ParameterizedTest
    @EnumSource
    void isNotNoticedByWhoeverAsksTheNextApi(Mode mode, TestReporter reporter) throws Exception {
        try (RunFolder run = RunFolder.open(ProjectFiles.locate().runs())) {
            TurnstileSystem system = SharedSystem.start(run, 2, 3, FairPartitionKey.ORDER, Map.of());
            try (Shop shop = new Shop(system, SharedStack.get().addresses())) {
                begin(shop, mode, UNDISTURBED).assertUnnoticed(); // a warm-up
                Rush before = begin(shop, mode, UNDISTURBED);
                before.assertUnnoticed();

                Rush during = begin(shop, mode, DISTURBED);
                during.awaitDecided(ORDERS_PER_SECOND);
                for (ChildProcess process : Stream.concat(system.workers().stream(), system.apis().stream())
                        .toList()) {
                    process.stop();
                    process.start();
                }
                assertThat(during.isAnswered())
                        .as("sold out before the last restart")
                        .isFalse();
                during.assertUnnoticed();
                assertThat(during.longestPause()).isLessThan(PAUSE_AT_MOST);
                shop.assertAuditFindsNothing();
                Proofs.show(
                        reporter,
                        "a rolling restart of three workers and two APIs is not noticed, " + mode,
                        "%d orders: longest pause between two answers %d ms (undisturbed %d), longest wait %d ms (%d)"
                                .formatted(
                                        ORDERS_PER_SECOND * DISTURBED.toSeconds(),
                                        during.longestPause().toMillis(),
                                        before.longestPause().toMillis(),
                                        during.longestWait().toMillis(),
                                        before.longestWait().toMillis()));
            }
        }
    }

    private static Rush begin(Shop shop, Mode mode, Duration over) {
        return Rush.beginPersistent(shop, mode, (int) (ORDERS_PER_SECOND * over.toSeconds()), over);
    }
}
