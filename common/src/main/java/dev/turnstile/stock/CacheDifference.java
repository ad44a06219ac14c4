package dev.turnstile.stock;

/** How an entry of the stock cache can differ from the ledger. */
public enum CacheDifference {
    /** There is no entry, or one without a quantity. */
    MISSING,
    /** The entry has a lower version than the row: what was committed since has not reached it. */
    BEHIND,
    /** The entry has the version of the row and another quantity, or can't be read. */
    WRONG,
    /** The entry has a version that the row never had: the ledger is another one, or was set back. */
    AHEAD
}
