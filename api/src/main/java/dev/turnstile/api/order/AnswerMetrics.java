package dev.turnstile.api.order;

import static java.util.Objects.requireNonNull;

import dev.turnstile.api.order.IntakeResult.Decided;
import dev.turnstile.api.order.IntakeResult.NotAccepted;
import dev.turnstile.api.order.IntakeResult.SoldOut;
import dev.turnstile.api.order.IntakeResult.Waiting;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Outcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.servlet.ServletRequest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Metrics of answers: number by kind, duration, waiting requests. All known series exist from the
 * start, so that a first refusal is seen as a rise and not as a new series.
 *
 * <p>Each order counts once. What claims its request counts it; the end of the request counts those that nothing
 * claimed.
 */
final class AnswerMetrics {

    private static final String CLAIMED = AnswerMetrics.class.getName();

    private static final String WAITING = "waiting";
    private static final String SOLD_OUT = "sold-out";

    private static final int FIRST_ERROR = 400;

    /** The answers of one mode. */
    private record Answers(Map<String, Counter> byOutcome, Timer time) {}

    private final MeterRegistry registry;
    private final Map<Mode, Answers> answers;
    private final Counter own;
    private final Counter others;

    AnswerMetrics(MeterRegistry registry, WaitingRequests waiting) {
        this.registry = registry;
        this.answers = Map.of(Mode.FAIR, answers(Mode.FAIR), Mode.DISTRIBUTED, answers(Mode.DISTRIBUTED));
        this.own = replies("own");
        this.others = replies("other");
        Gauge.builder("turnstile.requests.waiting", waiting, WaitingRequests::count)
                .description("Requests waiting for their outcome")
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
                        ProblemType.BODY_TIMEOUT.slug(),
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
                .description("Outcomes that this instance read, by whether a request was waiting for them")
                .tag("awaited", awaited)
                .register(registry);
    }

    /** Says that the caller counts the answer to this request. */
    static void claim(ServletRequest request) {
        request.setAttribute(CLAIMED, true);
    }

    /** Notes how a claimed request was answered. */
    void answered(Mode mode, IntakeResult reception, long nanos) {
        answered(mode, outcome(reception), nanos);
    }

    /** Notes that a claimed request was answered with a problem that is no outcome of an order. */
    void failed(Mode mode, ProblemType problem, long nanos) {
        answered(mode, problem.slug(), nanos);
    }

    private void answered(Mode mode, String outcome, long nanos) {
        count(mode, outcome).time().record(nanos, TimeUnit.NANOSECONDS);
    }

    private Answers count(Mode mode, String outcome) {
        Answers ofMode = requireNonNull(answers.get(mode));
        ofMode.byOutcome()
                .computeIfAbsent(outcome, unknown -> counter(mode, unknown))
                .increment();
        return ofMode;
    }

    /** Notes that a fair order was turned away without asking the line. */
    void turnedAway(ServletRequest request) {
        claim(request);
        count(Mode.FAIR, ProblemType.LINE_FULL.slug());
    }

    /**
     * Notes that a request is over. If nothing claimed it, it was answered before the controller saw it.
     *
     * @param status of its answer; below 400 if its client left before there was one
     */
    void ended(Mode mode, ServletRequest request, int status) {
        if (request.getAttribute(CLAIMED) == null && status >= FIRST_ERROR) {
            claim(request);
            count(mode, problem(status).slug());
        }
    }

    private static ProblemType problem(int status) {
        return status == ProblemType.ORIGIN_NOT_ALLOWED.status().value()
                ? ProblemType.ORIGIN_NOT_ALLOWED // no order can be forbidden otherwise
                : ProblemType.byStatus(status);
    }

    /** Notes that an outcome was read. */
    void replied(boolean awaited) {
        (awaited ? own : others).increment();
    }

    private static String outcome(IntakeResult reception) {
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
