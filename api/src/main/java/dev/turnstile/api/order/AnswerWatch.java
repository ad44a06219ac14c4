package dev.turnstile.api.order;

import static java.util.Objects.requireNonNull;

import dev.turnstile.api.order.Reception.Decided;
import dev.turnstile.api.order.Reception.NotAccepted;
import dev.turnstile.api.order.Reception.SoldOut;
import dev.turnstile.api.order.Reception.Waiting;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Outcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The metrics of answers: how many of which kind, how long they took, who waits. All that are known beforehand are there from the
 * start, so that a first refusal is seen as a rise and not as a new series.
 */
final class AnswerWatch {

    private static final String WAITING = "waiting";
    private static final String SOLD_OUT = "sold-out";

    /** The answers of one mode. */
    private record Answers(Map<String, Counter> byOutcome, Timer time) {}

    private final MeterRegistry registry;
    private final Map<Mode, Answers> answers;
    private final Counter own;
    private final Counter others;

    AnswerWatch(MeterRegistry registry, WaitingRequests waiting) {
        this.registry = registry;
        this.answers = Map.of(Mode.FAIR, answers(Mode.FAIR), Mode.DISTRIBUTED, answers(Mode.DISTRIBUTED));
        this.own = replies("own");
        this.others = replies("other");
        Gauge.builder("turnstile.requests.waiting", waiting, WaitingRequests::count)
                .description("Requests that wait for their outcome")
                .register(registry);
    }

    private Answers answers(Mode mode) {
        Map<String, Counter> byOutcome = new ConcurrentHashMap<>();
        List.of(
                        tag(Outcome.FULFILLED),
                        tag(Outcome.OUT_OF_STOCK),
                        SOLD_OUT,
                        WAITING,
                        ProblemType.LOCK_UNAVAILABLE.slug(),
                        ProblemType.LINE_FULL.slug(),
                        ProblemType.UNAVAILABLE.slug(),
                        ProblemType.INTERNAL_ERROR.slug())
                .forEach(outcome -> byOutcome.put(outcome, counter(mode, outcome)));
        Timer time = Timer.builder("turnstile.answer.time")
                .description("From the order's body to its answer")
                .tag("mode", tag(mode.name()))
                .register(registry);
        return new Answers(byOutcome, time);
    }

    private Counter counter(Mode mode, String outcome) {
        return Counter.builder("turnstile.orders.answered")
                .description("Answers to orders")
                .tag("mode", tag(mode.name()))
                .tag("outcome", outcome)
                .register(registry);
    }

    private Counter replies(String awaited) {
        return Counter.builder("turnstile.replies.read")
                .description("Outcomes that this instance read, and whether anybody here awaited them")
                .tag("awaited", awaited)
                .register(registry);
    }

    /** Notes how a request was answered. */
    void answered(Mode mode, Reception reception, long nanos) {
        answered(mode, outcome(reception), nanos);
    }

    /** Notes that a request was answered with a problem that is no outcome of an order. */
    void failed(Mode mode, ProblemType problem, long nanos) {
        answered(mode, problem.slug(), nanos);
    }

    private void answered(Mode mode, String outcome, long nanos) {
        Answers ofMode = requireNonNull(answers.get(mode));
        ofMode.byOutcome()
                .computeIfAbsent(outcome, unknown -> counter(mode, unknown))
                .increment();
        ofMode.time().record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Notes that a fair order was turned away without asking the line. */
    void turnedAway() {
        requireNonNull(requireNonNull(answers.get(Mode.FAIR)).byOutcome().get(ProblemType.LINE_FULL.slug()))
                .increment();
    }

    /** Notes that an outcome was read. */
    void replied(boolean awaited) {
        (awaited ? own : others).increment();
    }

    private static String outcome(Reception reception) {
        if (reception instanceof Decided decided) {
            Outcome outcome = decided.decision().outcome();
            return outcome instanceof Outcome.Unavailable ? ProblemType.LOCK_UNAVAILABLE.slug() : tag(outcome.status());
        }
        if (reception instanceof NotAccepted refused) {
            return refused.problem().slug();
        }
        if (reception instanceof SoldOut) {
            return SOLD_OUT;
        }
        return reception instanceof Waiting ? WAITING : "other";
    }

    /** As all tags are written: small, with dashes. */
    private static String tag(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
