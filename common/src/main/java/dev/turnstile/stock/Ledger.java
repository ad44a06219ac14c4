package dev.turnstile.stock;

import dev.turnstile.order.Decision;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

public interface Ledger {

    Optional<Decision> find(UUID orderId);

    List<Stock> stocks();

    Optional<Stock> stock(long productId);

    Stock setStock(long productId, int quantity);
}
