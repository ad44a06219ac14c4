package dev.turnstile.local.bench.contender;

import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.redlock.Lease;
import dev.turnstile.redlock.Redlock;
import dev.turnstile.redlock.RedlockProperties;
import dev.turnstile.stock.EpochLedger;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * Turnstile's own Redlock over the independent masters, fencing tokens included, with the settings that a worker has by
 * default.
 */
final class TurnstileGate implements Gate {

    private final Redlock redlock;

    private TurnstileGate(Redlock redlock) {
        this.redlock = redlock;
    }

    static TurnstileGate open(ServerAddresses servers) {
        DriverManagerDataSource ledger =
                new DriverManagerDataSource(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword());
        EpochLedger epochs = new EpochLedger(ledger, new DataSourceTransactionManager(ledger));
        return new TurnstileGate(
                Redlock.connect(byDefault(servers.redlockNodes()), () -> epochs.next(EpochLedger.REDLOCK)));
    }

    /** The settings of a worker with default settings except for the nodes. */
    static RedlockProperties byDefault(List<URI> nodes) {
        String listed = String.join(",", nodes.stream().map(URI::toString).toList());
        return new Binder(new MapConfigurationPropertySource(Map.of("turnstile.redlock.nodes", listed)))
                .bind("turnstile.redlock", RedlockProperties.class)
                .get();
    }

    @Override
    public boolean pass(List<Long> productIds, Duration patience, Work work) throws Exception {
        Optional<Lease> lease = won(productIds, patience);
        if (lease.isEmpty()) {
            return false;
        }
        try {
            work.run();
        } finally {
            lease.get().release().toCompletableFuture().join();
        }
        return true;
    }

    private Optional<Lease> won(List<Long> productIds, Duration patience) throws InterruptedException {
        try {
            return redlock.acquire(productIds, patience).toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Redlock failed", e.getCause());
        }
    }

    @Override
    public void close() {
        redlock.close();
    }
}
