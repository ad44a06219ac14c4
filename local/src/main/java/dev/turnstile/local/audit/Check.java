package dev.turnstile.local.audit;

import java.util.Locale;

/** What an audit checks: claims about the whole system, each of which one violation refutes. */
public enum Check {
    /** The ledger's id against what the line and the topics name. */
    ONE_INSTALLATION("the ledger, the line and the topics belong to one installation"),
    /** Booked, sold and stored pieces. */
    STOCK_SUMS("the stored stock equals the booked changes minus the fulfilled lines and is never negative"),
    /** The unique order id. */
    ONE_OUTCOME("no order has two outcomes"),
    /** Whether rows can be read and agree with themselves. */
    KNOWN_OUTCOMES("each outcome is of a known kind, and its row agrees with its JSON"),
    /** Lines of an order against its outcome. */
    ALL_OR_NONE("a fulfilled order got exactly its lines; a rejection names lines that were short"),
    /** The stock reported to customers, order by order. */
    STOCK_LEVELS("the stock reported to each order follows from the sales and changes booked before it"),
    /** Commit order against ticket order. */
    TICKET_ORDER("per product, fair orders were committed in ticket order, except those recorded as overtaken"),
    /** The recorded exceptions. */
    OVERTAKEN_FLAGS("an order is recorded as overtaken only if a later ticket was decided before it"),
    /** Losers against winners. */
    FAIR_REFUSALS("no order got stock that an earlier ticket was refused, unless stock was booked in between"),
    /** Those turned away before they had a ticket against winners. */
    DOOR_REFUSALS("no later order got stock that was refused at admission, unless stock was booked in between"),
    /** Fencing tokens in commit order. */
    FENCES("per product and guard, fences only rise, and each fence belongs to one run"),
    /** What stock rows remember. */
    STOCK_MARKS("each stock row holds the highest ticket and fences decided on it"),
    /** Records whose offsets are committed. */
    LOST_ORDERS("each published order has an outcome once its offset is committed"),
    /** Records that can't be read. */
    DEAD_LETTERS("a record that was skipped as unreadable is among the dead letters"),
    /** Records whose offsets are not committed. */
    CONSUMED("a worker consumes the orders that wait in a topic"),
    /** Published orders without an outcome. */
    IN_LINE("a published fair order without an outcome is in the line"),
    /** The line's keys against each other. */
    LINE_ENTRIES("a ticket in the line has its order, all its queues and at most one keeper"),
    /** The index by which claims begin. */
    LINE_HEADS("a parked ticket at the head of all its queues can be claimed"),
    /** Claims, and what they hold. */
    CLAIMS("a claim holds its products and they name it, or a later one behind it; no claim remains after its lease"),
    /** Tickets of decided orders. */
    DECIDED_LEAVE("a decided order leaves the line"),
    /** Parked tickets against Kafka. */
    PARKED_KEPT("a parked order would be consumed again if its keeper died"),
    /** Tickets that no worker has met. */
    ORPHANS("a ticket that was never published leaves the line"),
    /** Epoch, sequence and fence of the line. */
    LINE_MEMORY("the line's counters are not behind the tickets and fences in the ledger"),
    /** Cache entries. */
    CACHE("the cache equals the stored stock"),
    /** Versions of cache entries. */
    CACHE_AHEAD("no cache entry is newer than the ledger");

    private final String claim;

    Check(String claim) {
        this.claim = claim;
    }

    /** Its name for people and programs. */
    public String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What must be true, in one line. */
    public String claim() {
        return claim;
    }
}
