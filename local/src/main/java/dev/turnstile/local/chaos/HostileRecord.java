package dev.turnstile.local.chaos;

/** Records that no API of the installation made, and that may be found in a topic of orders all the same. */
enum HostileRecord {
    /** The four bytes {@code null}. */
    JSON_NULL(false),
    /** No value at all. */
    TOMBSTONE(false),
    /** Bytes that are no JSON. */
    GARBAGE(false),
    /** An order of a schema version that no build writes yet. */
    UNKNOWN_VERSION(false),
    /** Fewer than no pieces. */
    NEGATIVE_QUANTITY(false),
    /** More pieces than there can be. */
    HUGE_QUANTITY(false),
    /** An order with the ticket of another installation's line. */
    FOREIGN_INSTALLATION(false),
    /** An order of a transaction that is aborted. */
    ABORTED(false),
    /** An order whose header {@code ticket} has no value: one without a ticket. */
    NO_TICKET_VALUE(true),
    /** An order with a ticket that was not drawn, and without the name of an API. */
    FORGED_TICKET(true),
    /** An order whose time of acceptance is in milliseconds, which makes it one of the far future. */
    FAR_FUTURE(true),
    /** An order of a replay whose name is longer than any. */
    LONG_RUN_NAME(true);

    private final boolean mayBeSold;

    HostileRecord(boolean mayBeSold) {
        this.mayBeSold = mayBeSold;
    }

    /**
     * Whether it is an order that a producer could mean, so that it may be decided, in its turn; the others must sell
     * nothing.
     */
    boolean mayBeSold() {
        return mayBeSold;
    }
}
