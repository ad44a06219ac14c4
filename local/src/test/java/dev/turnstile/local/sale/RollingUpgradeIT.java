package dev.turnstile.local.sale;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.SharedSystem;
import dev.turnstile.local.system.SystemOptions.FairPartitionKey;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.order.Mode;
import dev.turnstile.proof.Proofs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * A worker of an earlier build beside one of this one, on the same line, topics and ledger, which the later of the two
 * has brought up to date. {@code -Dturnstile.previous.worker} names the earlier jar.
 */
@Tag(Proofs.TAG)
class RollingUpgradeIT {

    private static final int ORDERS = 400;

    @Test
    void workersOfThePreviousReleaseAndOfThisOneServeTheSameCrowds(TestReporter reporter) throws Exception {
        String jar = System.getProperty("turnstile.previous.worker", "");
        assumeTrue(!jar.isEmpty(), "needs -Dturnstile.previous.worker=<jar of the release before this one>");
        try (RunFolder run = RunFolder.open(ProjectFiles.locate().runs())) {
            ChildProcess previous = SharedSystem.worker(run, Path.of(jar), "worker-previous");
            previous.start();
            TurnstileSystem system = SharedSystem.start(run, 1, 1, FairPartitionKey.ORDER, Map.of());
            try (Shop shop = new Shop(system, SharedStack.get().addresses())) {
                for (Mode mode : Mode.values()) {
                    Rush.begin(shop, mode, ORDERS, Duration.ofSeconds(2)).assertUnnoticed();
                    Rush leaving = Rush.begin(shop, mode, ORDERS, Duration.ofSeconds(4));
                    leaving.awaitDecided(ORDERS / 4);
                    previous.stop();
                    leaving.assertUnnoticed();
                    Rush coming = Rush.begin(shop, mode, ORDERS, Duration.ofSeconds(4));
                    coming.awaitDecided(ORDERS / 10);
                    previous.start();
                    coming.assertUnnoticed();
                }
                shop.assertAuditFindsNothing();
            }
            previous.stop();
        }
        Proofs.show(
                reporter,
                "a worker of the previous release and one of this one serve the same crowds",
                "3 sales to " + ORDERS + " in each mode, in which the former leaves and comes back");
    }
}
