package dev.turnstile.line;

/** Names of everything the line keeps in Redis. One hash tag: all of it is in one slot of a cluster. */
final class LineKeys {

    private static final String PREFIX = "turnstile:{line}:";

    static final String STATE = PREFIX + "state";
    static final String ORDERS = PREFIX + "orders";
    static final String TICKETS = PREFIX + "tickets";
    static final String PARKED = PREFIX + "parked";
    static final String HEADS = PREFIX + "heads";
    static final String HELD = PREFIX + "held";
    static final String CLAIMS = PREFIX + "claims";
    static final String RUNS = PREFIX + "runs";
    static final String UNPARKED = PREFIX + "unparked";
    static final String BEATS = PREFIX + "beats";
    static final String SEEN = PREFIX + "seen";
    static final String CLAIMANTS = PREFIX + "claimants";
    static final String WORKERS = PREFIX + "workers";
    static final String REFUSED = PREFIX + "refused";
    static final String REQUESTS = PREFIX + "requests";
    static final String REQUEST_AGES = PREFIX + "request-ages";
    static final String ACCEPTED = PREFIX + "accepted";
    static final String ACCEPTED_AGES = PREFIX + "accepted-ages";

    /** Channel of a keeper: this and the keeper's name. */
    static final String WAKE_CHANNEL = PREFIX + "wake:";

    private LineKeys() {}

    static String queue(long productId) {
        return PREFIX + "queue:" + productId;
    }
}
