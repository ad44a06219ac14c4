package dev.turnstile.local.sale;

import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.SharedSystem;
import dev.turnstile.local.system.SystemOptions.FairPartitionKey;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.proof.Proofs;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/**
 * The fair topic keyed by product, so that one worker keeps all orders of a product; {@link SaleClusterIT} has the
 * other.
 */
@Tag(Proofs.TAG)
@Timeout(900)
class FairnessIT {

    @Test
    void whoComesFirstIsServedFirstWhereOneWorkerKeepsAll(TestReporter reporter) throws Exception {
        ServerAddresses servers = SharedStack.get().addresses();
        try (RunFolder run = RunFolder.open(ProjectFiles.locate().runs())) {
            TurnstileSystem system = SharedSystem.start(run, 2, 3, FairPartitionKey.PRODUCT, Map.of());
            try (Shop shop = new Shop(system, servers);
                    KafkaClient kafka = new KafkaClient(servers.kafka())) {
                FirstComeFirstServed sales = new FirstComeFirstServed(shop, kafka);
                sales.hold(20, 1000);
                Proofs.show(reporter, "first come, first served, keyed by product", sales.toString());
            }
        }
    }
}
