package dev.turnstile.worker;

import static java.util.Objects.requireNonNull;

import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLog;
import dev.turnstile.order.Outcome;
import dev.turnstile.stock.DecidedRun;
import dev.turnstile.trace.OrderSpans;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanKind;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports how the orders of a mode are decided: in metrics, in the spans of traced orders, and, at debug level, in a
 * line for each. Meters are looked up once and written once per run, but for the time that each order took.
 *
 * <p>Safe for use by any thread.
 */
public final class DecisionTelemetry {

    private static final Logger log = LoggerFactory.getLogger(DecisionTelemetry.class);

    private static final AttributeKey<String> ORDER_ID = AttributeKey.stringKey("turnstile.order.id");
    private static final AttributeKey<Long> TICKET = AttributeKey.longKey("turnstile.ticket");
    private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("turnstile.outcome");
    private static final AttributeKey<Long> RUN_LENGTH = AttributeKey.longKey("turnstile.run.length");

    private static final List<String> STATUSES = List.of(
            Outcome.FULFILLED,
            Outcome.OUT_OF_STOCK,
            Outcome.UNKNOWN_PRODUCT,
            Outcome.CANCELLED,
            Outcome.UNAVAILABLE,
            Outcome.INVALID);

    private final String mode;
    private final MeterRegistry registry;
    private final OrderSpans spans;
    private final Map<String, Counter> decided;
    private final Timer timeInLine;
    private final DistributionSummary runLength;
    private final Timer lockWon;
    private final Timer lockNotWon;
    private final Timer lockHold;
    private final Timer wakeupToClaim;
    private final Counter fenceRefusals;
    private final Counter redeliveries;

    /** Watches the decisions of a mode. */
    public DecisionTelemetry(Mode mode, MeterRegistry registry, OrderSpans spans) {
        this.mode = tag(mode.name());
        this.registry = registry;
        this.spans = spans;
        this.decided = STATUSES.stream()
                .collect(Collectors.toUnmodifiableMap(
                        status -> status,
                        status -> counter(
                                "turnstile.orders.decided", "Orders that were decided here", "outcome", tag(status))));
        this.timeInLine = timer("turnstile.time.in.line", "From the acceptance of an order to its decision");
        this.runLength = DistributionSummary.builder("turnstile.run.length")
                .description("Orders whose stock was decided in one transaction")
                .tag("mode", this.mode)
                .register(registry);
        this.lockWon = timer(
                "turnstile.lock.wait",
                "Time from requesting the right to stock to the grant or refusal",
                "won",
                "true");
        this.lockNotWon = timer(
                "turnstile.lock.wait",
                "Time from requesting the right to stock to the grant or refusal",
                "won",
                "false");
        this.lockHold = timer("turnstile.lock.hold", "How long the right to stock was held");
        this.wakeupToClaim = timer("turnstile.wakeup.to.claim", "From the first wakeup to the claim of a run");
        this.fenceRefusals = counter(
                "turnstile.fence.refusals", "Runs that the ledger rejected because a later holder had committed");
        this.redeliveries =
                counter("turnstile.redeliveries", "Orders that were redelivered while they were in flight or decided");
    }

    private Counter counter(String name, String description, String... tags) {
        return Counter.builder(name)
                .description(description)
                .tag("mode", mode)
                .tags(tags)
                .register(registry);
    }

    private Timer timer(String name, String description, String... tags) {
        return Timer.builder(name)
                .description(description)
                .tag("mode", mode)
                .tags(tags)
                .register(registry);
    }

    /** Shows how many orders are kept: consumed here and not answered. */
    public void watch(InFlightOrders<?> kept) {
        Gauge.builder("turnstile.orders.kept", kept, InFlightOrders::size)
                .description("Orders that this worker consumed and has not answered")
                .tag("mode", mode)
                .register(registry);
    }

    /** Notes how long a lock was waited for. */
    public void lockWaited(boolean won, long nanos) {
        (won ? lockWon : lockNotWon).record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Notes how long stock was held. */
    public void lockHeld(long nanos) {
        lockHold.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Notes how long a wakeup took to become a claim. */
    public void claimedAfterWakeup(long nanos) {
        wakeupToClaim.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Notes that the ledger refused a run for its fence. */
    public void fenceRefused() {
        fenceRefusals.increment();
    }

    /** Notes a record that came again while its order is kept. */
    public void redelivered() {
        redeliveries.increment();
    }

    /** Notes orders that came when they had been decided. Those that left the line did not come again. */
    public void foundDecided(Collection<Decision> decisions) {
        for (Decision decision : decisions) {
            if (!(decision.outcome() instanceof Outcome.Cancelled)) {
                redeliveries.increment();
            }
        }
    }

    /**
     * Notes a run that was decided.
     *
     * @param orders of the run, in its order
     */
    public void decided(List<Order> orders, DecidedRun run) {
        if (orders.isEmpty()) {
            return;
        }
        if (!run.stocks().isEmpty()) {
            runLength.record(orders.size());
        }
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < orders.size(); i++) {
            Order order = orders.get(i);
            Decision decision = run.decisions().get(i);
            if (run.before().isEmpty() || !run.before().contains(order.id())) {
                counts.merge(decision.outcome().status(), 1, Integer::sum);
                timeInLine.record(Duration.between(order.acceptedAt(), decision.decidedAt()));
            }
            if (log.isDebugEnabled()) {
                OrderLog.about(log.atDebug(), order, decision.ticket())
                        .addKeyValue("outcome", decision.outcome().status())
                        .log(
                                "order {} is decided: {}",
                                order.id(),
                                decision.outcome().status());
            }
        }
        counts.forEach((status, count) -> requireNonNull(decided.get(status)).increment(count));
        if (!run.before().isEmpty()) {
            foundDecided(run.decisions().stream()
                    .filter(decision -> run.before().contains(decision.orderId()))
                    .toList());
        }
    }

    /**
     * Records the decision of an order in its trace.
     *
     * @param runLength with how many it was decided
     * @param took how long ago the right to its stock was had
     * @return where its trace stands then, or null if it is not traced
     */
    public @Nullable String trace(Order order, Decision decision, int runLength, Duration took) {
        if (order.traceParent() == null) {
            return null;
        }
        AttributesBuilder attributes = Attributes.builder()
                .put(ORDER_ID, order.id().toString())
                .put(OUTCOME, decision.outcome().status())
                .put(RUN_LENGTH, runLength);
        Long ticket = decision.ticket();
        if (ticket != null) {
            attributes.put(TICKET, ticket);
        }
        return spans.record("decide " + mode, SpanKind.CONSUMER, order.traceParent(), took, attributes.build());
    }

    /** As all tags are written: small, with dashes. */
    private static String tag(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
