package dev.turnstile.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How this API instance serves its clients.
 *
 * @param instance number of this API instance, from 0; it reads partition {@code instance mod partitions} of
 *     orders.replies. Instances that share a number work, but each reads the other's replies too.
 * @param waitLimit longest time that a request waits for its outcome before it is answered 202; a client may ask for
 *     less by "Prefer: wait=seconds"
 * @param maxWaitingRequests most requests that wait for their outcome at once, some 60 KB of heap each; beyond it
 *     orders are refused with 503
 * @param lineWaitLimit longest expected wait in the line, at its recent pace, at which it admits more orders; beyond
 *     that, fair orders are rejected with 429. 0s admits up to turnstile.line.max-waiting
 * @param lineLeastRoom how many orders the line admits at any pace: a burst may meet a line that stalls briefly
 * @param gatherLimit how long orders are gathered at most before they go to Kafka together: 2 ms for each other request
 *     that waits for its outcome, and no longer than until half of those have gathered; one that is alone goes at once.
 *     0s gathers nothing
 * @param maxStreams most streams of events of orders that are open at once; beyond it they are refused with 503
 * @param backendTimeout longest time to wait for one answer of the ticket line or of the cache
 * @param adminToken token that PUT /v1/stocks/{id} demands as "Authorization: Bearer"; without one, stock can't be set
 *     over HTTP
 * @param ledgerThreads threads that read and write the ledger for GET and PUT requests; as many as the connection pool
 *     has connections
 * @param maxWaitingForLedger most GET and PUT requests that wait for such a thread; beyond it they are refused with 503
 * @param idempotencyMemory how long Redis remembers what an Idempotency-Key was first used for, and which distributed
 *     orders were answered with 202; of decided orders the ledger knows that
 * @param idempotencyMost how many of each it remembers at most, some 200 bytes each; beyond it the oldest go first
 * @param noop whether there is a PATCH /v1/noop that reads an order and answers at once without ordering anything. A
 *     measuring aid: it shows what HTTP alone costs
 */
@ConfigurationProperties("turnstile.api")
public record ApiProperties(
        @DefaultValue("0") int instance,
        @DefaultValue("30s") Duration waitLimit,
        @DefaultValue("5000") int maxWaitingRequests,
        @DefaultValue("5s") Duration lineWaitLimit,
        @DefaultValue("1000") int lineLeastRoom,
        @DefaultValue("20ms") Duration gatherLimit,
        @DefaultValue("1000") int maxStreams,
        @DefaultValue("5s") Duration backendTimeout,
        @Nullable String adminToken,
        @DefaultValue("4") int ledgerThreads,
        @DefaultValue("200") int maxWaitingForLedger,
        @DefaultValue("1h") Duration idempotencyMemory,
        @DefaultValue("1000000") int idempotencyMost,
        @DefaultValue("false") boolean noop) {

    /**
     * @throws IllegalArgumentException if a value is out of bounds, with the name of the property
     */
    public ApiProperties {
        atLeast(0, instance, "instance");
        atLeast(1, maxWaitingRequests, "max-waiting-requests");
        atLeast(1, lineLeastRoom, "line-least-room");
        atLeast(1, maxStreams, "max-streams");
        atLeast(1, ledgerThreads, "ledger-threads");
        atLeast(1, maxWaitingForLedger, "max-waiting-for-ledger");
        atLeast(1, idempotencyMost, "idempotency-most");
        positive(waitLimit, "wait-limit");
        positive(backendTimeout, "backend-timeout");
        notNegative(lineWaitLimit, "line-wait-limit");
        notNegative(gatherLimit, "gather-limit");
        positive(idempotencyMemory, "idempotency-memory");
        if (adminToken != null && adminToken.isBlank()) {
            throw new IllegalArgumentException(
                    "turnstile.api.admin-token must not be blank; leave it out to switch setting stock off");
        }
        if (adminToken != null && !adminToken.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw new IllegalArgumentException(
                    "turnstile.api.admin-token must have no blanks and nothing but ASCII, as a header has to carry it");
        }
    }

    private static void atLeast(int least, int value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(
                    "turnstile.api." + name + " must be at least " + least + ", was " + value);
        }
    }

    private static void positive(Duration value, String name) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("turnstile.api." + name + " must be longer than 0, was " + value);
        }
    }

    private static void notNegative(Duration value, String name) {
        if (value.isNegative()) {
            throw new IllegalArgumentException("turnstile.api." + name + " must be 0 or longer, was " + value);
        }
    }

    /** Without the token: it must not get into a log. */
    @Override
    public String toString() {
        return "ApiProperties[instance=" + instance + ", waitLimit=" + waitLimit + "]";
    }
}
