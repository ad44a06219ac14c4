package dev.turnstile.worker;

import java.time.Duration;
import java.util.UUID;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of a worker.
 *
 * @param id Name of this worker; the host's name and the process id by default. In the line and on the live page
 *     something random follows it, as two containers may have one name.
 * @param lockWait How long distributed orders try to win the lock of their products before they are answered
 *     lock-unavailable, time in which the ledger does not answer left out; longer than turnstile.redlock.max-lease, for
 *     which a master that restarted empty grants nothing.
 * @param openMaxWaiting Up to how many orders in the line this worker admits orders of orders.fair.open, which passed
 *     no admission; beyond it they wait in their topic, and customers are still admitted. More than
 *     turnstile.line.max-waiting means that.
 * @param parallelism How many transactions with distributed orders may be under way at a time.
 * @param batch The most distributed orders of a transaction.
 */
@ConfigurationProperties("turnstile.worker")
public record WorkerProperties(
        String id,
        @DefaultValue("8s") Duration lockWait,
        @DefaultValue("10000") int openMaxWaiting,
        @DefaultValue("4") int parallelism,
        @DefaultValue("500") int batch) {

    private static final String SUFFIX = "-" + UUID.randomUUID().toString().substring(0, 8);

    /**
     * @throws IllegalArgumentException naming the property that does not fit
     */
    public WorkerProperties {
        if (!id.matches("[A-Za-z0-9._-]{1,64}")) {
            throw new IllegalArgumentException(
                    "turnstile.worker.id must be 1 to 64 letters, digits, dots, dashes or underscores, was '" + id
                            + "'");
        }
        if (lockWait.isNegative()) {
            throw new IllegalArgumentException("turnstile.worker.lock-wait must be 0 or longer, was " + lockWait);
        }
        if (openMaxWaiting < 1) {
            throw new IllegalArgumentException(
                    "turnstile.worker.open-max-waiting must be 1 or more, was " + openMaxWaiting);
        }
        if (parallelism < 1) {
            throw new IllegalArgumentException("turnstile.worker.parallelism must be 1 or more, was " + parallelism);
        }
        if (batch < 1) {
            throw new IllegalArgumentException("turnstile.worker.batch must be 1 or more, was " + batch);
        }
    }

    /**
     * The id and a suffix of this process: its claims differ from those of another worker that was given the same id.
     */
    public String uniqueId() {
        return id + SUFFIX;
    }
}
