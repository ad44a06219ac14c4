package dev.turnstile.local.demo;

import dev.turnstile.local.demo.Answer.Told;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks one experiment by the answers of the users and the ledger. All orders are of equal size, so a user who is
 * rejected while a later one is served was treated unfairly.
 */
public final class ExperimentVerdict {

    private static final Comparator<DecidedRow> BY_ACCEPTANCE = Comparator.comparing(
                    DecidedRow::ticket, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(DecidedRow::acceptedAt);

    private final Plan plan;
    private final Mode mode;
    private final List<Answer> answers;
    private final List<DecidedRow> ledger;
    private final List<ProductStock> stocks;
    private final Map<UUID, DecidedRow> byId;

    private ExperimentVerdict(
            Plan plan, Mode mode, List<Answer> answers, List<DecidedRow> ledger, List<ProductStock> stocks) {
        this.plan = plan;
        this.mode = mode;
        this.answers = answers;
        this.ledger = ledger.stream()
                .sorted(Comparator.comparingLong(DecidedRow::commitSeq))
                .toList();
        this.stocks = stocks;
        this.byId = ledger.stream().collect(Collectors.toMap(DecidedRow::orderId, Function.identity()));
    }

    /**
     * Judges an experiment.
     *
     * @param plan what was to happen
     * @param mode the way the users ordered
     * @param answers one per user
     * @param ledger the orders of this experiment that the ledger holds, each once
     * @param stocks what remains of each product that the ledger knows
     */
    public static ModeResult judge(
            Plan plan, Mode mode, List<Answer> answers, List<DecidedRow> ledger, List<ProductStock> stocks) {
        ExperimentVerdict judge = new ExperimentVerdict(plan, mode, answers, ledger, stocks);
        DemoFigures figures = judge.figures();
        return new ModeResult(mode, figures, List.copyOf(stocks), judge.expectations(figures), judge.buyers());
    }

    private DemoFigures figures() {
        List<Answer> answered = answers.stream()
                .filter(answer -> answer.answeredNanos() != null)
                .toList();
        long firstSent = answers.stream().mapToLong(Answer::sentNanos).min().orElse(0);
        long lastSent = answers.stream().mapToLong(Answer::sentNanos).max().orElse(0);
        long lastAnswer = answered.stream()
                .mapToLong(ExperimentVerdict::answeredNanos)
                .max()
                .orElse(firstSent);
        long[] latencies = answered.stream()
                .mapToLong(answer -> answeredNanos(answer) - answer.sentNanos())
                .sorted()
                .toArray();
        int atDoor = refusedAtDoor().size();
        return new DemoFigures(
                answers.size(),
                withStatus(Outcome.FULFILLED),
                withStatus(Outcome.OUT_OF_STOCK) + atDoor,
                atDoor,
                told(Told.ERROR) + told(Told.WAITING),
                told(Told.NOTHING),
                millis(lastAnswer - firstSent),
                millis(percentile(latencies, 50)),
                millis(percentile(latencies, 99)),
                millis(percentile(latencies, 100)),
                millis(lastSent - firstSent),
                mode == Mode.FAIR ? inversionsByTicket() : null,
                inversionsBySendTime(),
                mode == Mode.FAIR ? unfairLosersByTicket() : null,
                unfairLosersBySendTime(),
                (int) ledger.stream().filter(DecidedRow::overtaken).count());
    }

    private List<Expectation> expectations(DemoFigures figures) {
        List<Expectation> expectations = new ArrayList<>();
        int servable = plan.servable();
        int told = (int) answers.stream().filter(Answer::decided).count();
        expectations.add(equal("every user received an outcome", plan.users(), told));
        expectations.add(equal("orders fulfilled", servable, figures.fulfilled()));
        expectations.add(equal("orders refused", plan.users() - servable, figures.refused()));
        expectations.add(equal("answers that the ledger does not confirm, once each", 0, unconfirmed()));
        int left = plan.stock() - servable;
        expectations.add(stock("stored stock", left, ProductStock::stored));
        expectations.add(stock("cached stock", left, ProductStock::cached));
        if (mode == Mode.FAIR) {
            expectations.add(equal("decided orders without a ticket", 0, withoutTicket()));
            expectations.add(equal(
                    "pairs committed out of ticket order", 0, Objects.requireNonNull(figures.inversionsByTicket())));
            expectations.add(
                    equal("unfair losers by ticket", 0, Objects.requireNonNull(figures.unfairLosersByTicket())));
            expectations.add(equal("orders overtaken", 0, figures.overtaken()));
            if (plan.sendOrderTells()) {
                expectations.add(equal("unfair losers by send time", 0, figures.unfairLosersBySendTime()));
            }
        }
        return List.copyOf(expectations);
    }

    private static Expectation equal(String claim, long expected, long actual) {
        return new Expectation(claim, actual == expected, "expected " + expected + ", was " + actual);
    }

    private Expectation stock(String claim, int left, Function<ProductStock, @Nullable Integer> quantity) {
        Map<Long, ProductStock> byProduct =
                stocks.stream().collect(Collectors.toMap(ProductStock::productId, Function.identity()));
        boolean held = true;
        List<String> seen = new ArrayList<>();
        for (long productId : plan.productIds()) {
            ProductStock stock = byProduct.get(productId);
            Integer actual = stock == null ? null : quantity.apply(stock);
            held &= actual != null && actual == left;
            seen.add(actual == null ? "none" : actual.toString());
        }
        return new Expectation(
                claim + " at the end", held, "expected " + left + " of each product, was " + String.join(", ", seen));
    }

    private int withStatus(String status) {
        return (int)
                ledger.stream().filter(order -> order.status().equals(status)).count();
    }

    private int told(Told told) {
        return (int) answers.stream().filter(answer -> answer.told() == told).count();
    }

    private int withoutTicket() {
        return (int) ledger.stream().filter(order -> order.ticket() == null).count();
    }

    /** Users who got "out of stock" without an order in the ledger: they never joined the line. */
    private List<Answer> refusedAtDoor() {
        return answers.stream()
                .filter(answer -> answer.told() == Told.REFUSED && committed(answer) == null)
                .toList();
    }

    private @Nullable DecidedRow committed(Answer answer) {
        return answer.orderId() == null ? null : byId.get(answer.orderId());
    }

    /**
     * Answers that contradict the ledger or name the order of another user, and orders in the ledger that no user
     * received, although every user got an answer for an order.
     */
    private int unconfirmed() {
        int unconfirmed = 0;
        Set<UUID> named = new HashSet<>();
        for (Answer answer : answers) {
            DecidedRow order = committed(answer);
            boolean again = order != null && !named.add(order.orderId());
            boolean confirmed =
                    switch (answer.told()) {
                        case FULFILLED -> order != null && order.status().equals(Outcome.FULFILLED);
                        case REFUSED -> order == null || order.status().equals(Outcome.OUT_OF_STOCK);
                        case WAITING, ERROR, NOTHING -> true;
                    };
            if (again || !confirmed) {
                unconfirmed++;
            }
        }
        long mayBeUnnamed = (long) told(Told.NOTHING) + told(Told.ERROR);
        long unnamed = ledger.stream()
                .filter(order -> !named.contains(order.orderId()))
                .count();
        return unconfirmed + (int) Math.max(0, unnamed - mayBeUnnamed);
    }

    private long inversionsByTicket() {
        return Inversions.count(ledger.stream()
                .map(DecidedRow::ticket)
                .filter(Objects::nonNull)
                .mapToLong(ticket -> ticket)
                .toArray());
    }

    private long inversionsBySendTime() {
        Map<UUID, Long> sentNanos = new HashMap<>();
        for (Answer answer : answers) {
            if (answer.orderId() != null) {
                sentNanos.put(answer.orderId(), answer.sentNanos());
            }
        }
        return Inversions.count(ledger.stream()
                .map(order -> sentNanos.get(order.orderId()))
                .filter(Objects::nonNull)
                .mapToLong(nanos -> nanos)
                .toArray());
    }

    private int unfairLosersByTicket() {
        long lastWinner = ledger.stream()
                .filter(order -> order.status().equals(Outcome.FULFILLED))
                .map(DecidedRow::ticket)
                .filter(Objects::nonNull)
                .mapToLong(ticket -> ticket)
                .max()
                .orElse(Long.MIN_VALUE);
        long inLine = ledger.stream()
                .filter(order -> order.status().equals(Outcome.OUT_OF_STOCK))
                .filter(order -> order.ticket() != null && order.ticket() < lastWinner)
                .count();
        long lastWinnerSent = lastWinnerSent();
        long atDoor = refusedAtDoor().stream()
                .filter(answer -> answeredNanos(answer) < lastWinnerSent)
                .count();
        return (int) (inLine + atDoor);
    }

    private int unfairLosersBySendTime() {
        long lastWinnerSent = lastWinnerSent();
        return (int) answers.stream()
                .filter(answer -> answer.told() == Told.REFUSED && answer.sentNanos() < lastWinnerSent)
                .count();
    }

    private long lastWinnerSent() {
        return answers.stream()
                .filter(answer -> answer.told() == Told.FULFILLED)
                .mapToLong(Answer::sentNanos)
                .max()
                .orElse(Long.MIN_VALUE);
    }

    private List<BuyerRecord> buyers() {
        Map<Integer, Integer> sendRanks = ranks(answers.stream()
                .sorted(Comparator.comparingLong(Answer::sentNanos))
                .map(Answer::user)
                .toList());
        Map<Integer, Integer> completionRanks = ranks(answers.stream()
                .filter(answer -> answer.answeredNanos() != null)
                .sorted(Comparator.comparingLong(ExperimentVerdict::answeredNanos))
                .map(Answer::user)
                .toList());
        Map<UUID, Integer> commitRanks =
                ranks(ledger.stream().map(DecidedRow::orderId).toList());
        Map<UUID, Integer> acceptanceRanks = ranks(
                ledger.stream().sorted(BY_ACCEPTANCE).map(DecidedRow::orderId).toList());
        return answers.stream()
                .map(answer -> {
                    DecidedRow order = committed(answer);
                    return new BuyerRecord(
                            answer.user(),
                            answer.api(),
                            Objects.requireNonNull(sendRanks.get(answer.user())),
                            answer.sentNanos(),
                            answer.answeredNanos(),
                            completionRanks.get(answer.user()),
                            answer.httpStatus(),
                            answer.problem(),
                            answer.told(),
                            answer.orderId(),
                            order == null ? answer.ticket() : order.ticket(),
                            order == null ? null : acceptanceRanks.get(order.orderId()),
                            order == null ? null : order.status(),
                            order == null ? null : order.commitSeq(),
                            order == null ? null : commitRanks.get(order.orderId()),
                            order != null && order.overtaken(),
                            order == null ? null : order.acceptedAt().toString(),
                            order == null ? null : order.decidedAt().toString());
                })
                .toList();
    }

    private static <T> Map<T, Integer> ranks(List<T> inOrder) {
        Map<T, Integer> ranks = new HashMap<>();
        for (T item : inOrder) {
            ranks.put(item, ranks.size() + 1);
        }
        return ranks;
    }

    /** The nearest-rank percentile of sorted values, 0 if there are none. */
    private static long percentile(long[] sorted, int percent) {
        if (sorted.length == 0) {
            return 0;
        }
        int rank = (int) Math.ceil(percent / 100.0 * sorted.length);
        return sorted[Math.max(rank, 1) - 1];
    }

    private static long answeredNanos(Answer answer) {
        return Objects.requireNonNull(answer.answeredNanos());
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }
}
