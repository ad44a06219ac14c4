package dev.turnstile.local.chaos;

/**
 * A promise that was broken.
 *
 * @param rule which one
 * @param what by which order or request, and how
 * @param faultBefore the last fault that struck before, or what else is known of the time
 */
record Violation(Rule rule, String what, String faultBefore) {

    /** What must hold after every run. */
    enum Rule {
        /** 200. */
        FULFILLED_IS_IN_THE_LEDGER("each 200 has its row: fulfilled, with the requested lines and mode"),
        /** 409. */
        REFUSED_TOOK_NOTHING("each 409 has a row with that outcome, or none"),
        /** 410 and DELETE. */
        LEFT_IS_CANCELLED("an order reported as cancelled got no stock, and an order reported as decided is decided"),
        /** 202. */
        ACCEPTED_IS_DECIDED("each 202 ended in one outcome"),
        /** 503 lock-unavailable. */
        UNAVAILABLE_IS_FINAL("an order rejected for lack of the lock is recorded as such"),
        /** Statuses. */
        KNOWN_ANSWERS("each answer is one of the documented ones"),
        /** GET, its events and DELETE. */
        QUESTIONS_ARE_ANSWERED(
                "GET returns what the ledger holds; an accepted or decided order stays accepted or decided"),
        /** Idempotency. */
        ONE_ORDER_PER_KEY("each idempotency key has one outcome, and all its answers name the same order"),
        /** The unique order. */
        ONE_OUTCOME("no order has two rows"),
        /** The other way round. */
        NOTHING_FROM_NOWHERE("each row is an order whose client got its id or no answer, once per key"),
        /** Fairness. */
        TICKET_ORDER("per product, fair orders were committed in ticket order, except those recorded as overtaken"),
        /** What clients see of the order. */
        FIRST_COME("an order whose ticket was reported before another fair order was sent has the smaller ticket"),
        /** The exceptions. */
        OVERTAKEN_FOR_A_REASON(
                "an order was overtaken only if it was published late, or after the line had lost the memory it drew from"),
        /** Refusals. */
        REFUSED_WHAT_IS_NOT_THERE(
                "no later order got more than the stock reported in an earlier rejection, unless stock was set"),
        /** Records of others. */
        HOSTILE_RECORDS_SELL_NOTHING("no record other than an order of this installation was sold"),
        /** Restocks. */
        CHANGES_ARE_BOOKED("each confirmed stock change is booked, and no unrequested one"),
        /** Sums. */
        STOCK_ADDS_UP("per product, the stored stock equals the booked minus the sold pieces and is not negative"),
        /** The audit of MySQL, Redis and Kafka. */
        AUDIT("the contents of the servers agree"),
        /** Faults end. */
        ALL_COMES_BACK("after the faults everything runs, and the line drains within its bound"),
        /** Nothing stays. */
        NOTHING_LEFT_BEHIND("no process, channel or key is left behind");

        private final String claim;

        Rule(String claim) {
            this.claim = claim;
        }

        /** What must be true, in one line. */
        String claim() {
            return claim;
        }
    }

    @Override
    public String toString() {
        return rule + ": " + what + " (" + faultBefore + ")";
    }
}
