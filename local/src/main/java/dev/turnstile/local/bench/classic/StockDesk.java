package dev.turnstile.local.bench.classic;

import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.stock.JdbcLedger;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.Stock;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RedissonClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Sets and returns stock, for an operator. Blocks. Setting it while orders are in flight makes the cache wrong. */
final class StockDesk {

    private final Ledger ledger;
    private final CachedStock cache;

    StockDesk(ServerAddresses servers, RedissonClient redis) {
        DriverManagerDataSource database =
                new DriverManagerDataSource(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword());
        this.ledger = new JdbcLedger(database, new DataSourceTransactionManager(database), Clock.systemUTC());
        this.cache = new CachedStock(redis);
    }

    /**
     * What is left of a product.
     *
     * @param productId the product
     * @param quantity in MySQL
     * @param cachedQuantity in Redis, by which orders are decided, or null if it is not there
     */
    record DeskStock(long productId, int quantity, @Nullable Integer cachedQuantity) {}

    DeskStock set(long productId, int quantity) {
        Stock stock = ledger.setStock(productId, quantity);
        cache.set(Map.of(productId, quantity)).join();
        return new DeskStock(productId, stock.quantity(), quantity);
    }

    /** Nothing if the product is not known. */
    Optional<DeskStock> get(long productId) {
        return ledger.stock(productId)
                .map(stock -> new DeskStock(
                        productId,
                        stock.quantity(),
                        cache.quantities(List.of(productId)).join().get(productId)));
    }
}
