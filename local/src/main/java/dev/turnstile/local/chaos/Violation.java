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
        FULFILLED_IS_IN_THE_LEDGER("every 200 has its row: fulfilled, with the lines and the mode that were asked for"),
        /** 409. */
        REFUSED_TOOK_NOTHING("every 409 has a row that says so, or none"),
        /** 410 and DELETE. */
        LEFT_IS_CANCELLED(
                "who was told that the order left the line got nothing, and who was told that it was decided is so"),
        /** 202. */
        ACCEPTED_IS_DECIDED("every 202 ended in one outcome"),
        /** 503 lock-unavailable. */
        UNAVAILABLE_IS_FINAL("an order that was refused for want of the lock is recorded as that"),
        /** Statuses. */
        KNOWN_ANSWERS("every answer is one of those that are promised"),
        /** GET, its events and DELETE. */
        QUESTIONS_ARE_ANSWERED(
                "whoever asks for an order is told what the ledger holds, and what is accepted or decided stays so"),
        /** Idempotency. */
        ONE_ORDER_PER_KEY("one idempotency key has one outcome, and all are told of the same order"),
        /** The unique order. */
        ONE_OUTCOME("no order has two rows"),
        /** The other way round. */
        NOTHING_FROM_NOWHERE(
                "every row is an order that somebody was told of, or got no answer to, once under each key"),
        /** Fairness. */
        TICKET_ORDER("per product, fair orders were committed by ticket, but for those recorded as overtaken"),
        /** What clients see of the order. */
        FIRST_COME("who was told a ticket before another fair order was sent has the smaller one"),
        /** The exceptions. */
        OVERTAKEN_FOR_A_REASON(
                "an order was overtaken only if it was published late, or after the line had lost the memory it drew from"),
        /** Refusals. */
        REFUSED_WHAT_IS_NOT_THERE(
                "of what somebody was refused, nobody who came later got more than there was said to be, unless stock was set"),
        /** Records of others. */
        HOSTILE_RECORDS_SELL_NOTHING("no record that is not an order of this installation was sold"),
        /** Restocks. */
        CHANGES_ARE_BOOKED("every change of stock that was confirmed is booked, and none that nobody asked for"),
        /** Sums. */
        STOCK_ADDS_UP("per product, what was booked less what was sold is what is stored, and not negative"),
        /** The audit of MySQL, Redis and Kafka. */
        AUDIT("what the servers hold agrees"),
        /** Faults end. */
        ALL_COMES_BACK("when the faults are over everything runs, and the line drains within its bound"),
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
