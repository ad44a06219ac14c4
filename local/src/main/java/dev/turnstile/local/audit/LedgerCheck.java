package dev.turnstile.local.audit;

/** Checks all orders of the ledger, one after the other in the order of their commits. */
interface LedgerCheck {

    void look(LedgerOrder order);

    /** Called after the last order. */
    default void end() {}
}
