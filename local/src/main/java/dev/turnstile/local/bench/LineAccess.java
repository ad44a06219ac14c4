package dev.turnstile.local.bench;

import dev.turnstile.line.LineConfiguration;
import dev.turnstile.line.LineHead;
import dev.turnstile.line.LineHeads;
import dev.turnstile.line.TicketLine;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.stock.Installation;
import dev.turnstile.stock.LedgerConfiguration;
import dev.turnstile.stock.StockCache;
import java.util.Map;
import javax.sql.DataSource;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/** The ticket line and the stock cache of a running system, as its own processes see them. */
final class LineAccess implements AutoCloseable {

    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

    LineAccess(ServerAddresses servers, DataSource ledger) {
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "bench",
                        Map.of("turnstile.line.redis", servers.lineRedis().toString())));
        context.registerBean(DataSource.class, () -> ledger);
        context.registerBean(PlatformTransactionManager.class, () -> new JdbcTransactionManager(ledger));
        context.register(LineConfiguration.class, LedgerConfiguration.class);
        context.refresh();
    }

    TicketLine line() {
        return context.getBean(TicketLine.class);
    }

    LineHead head(String worker) {
        return context.getBean(LineHeads.class).of(worker);
    }

    /** How many orders stand parked in the line. */
    int parked() {
        return context.getBean(RedissonClient.class)
                .getMap("turnstile:{line}:parked", StringCodec.INSTANCE)
                .size();
    }

    /** The installation whose tickets these are. */
    Installation installation() {
        return context.getBean(Installation.class);
    }

    StockCache cache() {
        return context.getBean(StockCache.class);
    }

    @Override
    public void close() {
        context.close();
    }
}
