package dev.turnstile.local.bench.contender;

import java.time.Duration;
import java.util.List;

/** Lets one at a time at the same products. Shared by all threads. */
interface Gate extends AutoCloseable {

    /** Lets everyone through. */
    Gate OPEN = new Gate() {
        @Override
        public boolean pass(List<Long> productIds, Duration patience, Work work) throws Exception {
            work.run();
            return true;
        }

        @Override
        public void close() {}
    };

    /** The work while the right to the products is held. */
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    /**
     * Wins the right to the products, does the work and gives the right back. Blocks.
     *
     * @param productIds ascending
     * @return false if the right was not won within the patience; nothing was done then
     */
    boolean pass(List<Long> productIds, Duration patience, Work work) throws Exception;

    @Override
    void close();
}
