package dev.turnstile.stock;

/** A row of the table {@code stock}, read under its lock. */
record StockRow(long productId, int quantity, long version, long lineFence, long lineTicket, long lockFence) {

    long fence(Run.Guard guard) {
        return guard == Run.Guard.LINE ? lineFence : lockFence;
    }
}
