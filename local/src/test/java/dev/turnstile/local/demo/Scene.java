package dev.turnstile.local.demo;

import dev.turnstile.order.Mode;
import dev.turnstile.order.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A made-up experiment: at first all goes as it should, then a test plants what it wants to be found. */
public final class Scene {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final long EPOCH = 1L << 40;

    final Plan plan;
    final Mode mode;
    final List<Answer> answers = new ArrayList<>();
    final List<DecidedRow> ledger = new ArrayList<>();
    final List<ProductStock> stocks = new ArrayList<>();

    /** Users 2 ms apart, served in the order of sending; the last are refused. */
    public Scene(Mode mode, int users, int stock) {
        this.plan = new Plan(users, stock, List.of(1L, 2L, 3L), Duration.ofMillis(2), 0, Duration.ofSeconds(1));
        this.mode = mode;
        for (int user = 0; user < users; user++) {
            boolean wins = user < stock;
            @Nullable Long ticket = mode == Mode.FAIR ? Long.valueOf(EPOCH + user + 1) : null;
            long sent = user * 2_000_000L;
            answers.add(new Answer(
                    user,
                    0,
                    sent,
                    sent + 10_000_000L,
                    wins ? 200 : 409,
                    id(user),
                    ticket,
                    wins ? null : "out-of-stock"));
            ledger.add(new DecidedRow(
                    user + 1,
                    id(user),
                    wins ? Outcome.FULFILLED : Outcome.OUT_OF_STOCK,
                    ticket,
                    false,
                    NOON,
                    NOON.plusMillis(5)));
        }
        int left = stock - Math.min(users, stock);
        plan.productIds().forEach(product -> stocks.add(new ProductStock(product, left, left)));
    }

    static UUID id(int user) {
        return new UUID(7, user);
    }

    /** Exchanges two users' outcomes: their answers and the ledger's rows. */
    Scene exchangeOutcomes(int one, int other) {
        Answer a = answers.get(one);
        Answer b = answers.get(other);
        answers.set(one, told(a, b.httpStatus(), b.problem()));
        answers.set(other, told(b, a.httpStatus(), a.problem()));
        DecidedRow x = ledger.get(one);
        DecidedRow y = ledger.get(other);
        ledger.set(one, decided(x, x.commitSeq(), y.status()));
        ledger.set(other, decided(y, y.commitSeq(), x.status()));
        return this;
    }

    /** Commits two orders in each other's place. */
    Scene exchangeCommits(int one, int other) {
        DecidedRow x = ledger.get(one);
        DecidedRow y = ledger.get(other);
        ledger.set(one, decided(x, y.commitSeq(), x.status()));
        ledger.set(other, decided(y, x.commitSeq(), y.status()));
        return this;
    }

    /** Takes a user's answer away. */
    Scene loseAnswer(int user) {
        Answer answer = answers.get(user);
        answers.set(user, new Answer(user, 0, answer.sentNanos(), null, null, null, null, "no answer within 1000 ms"));
        return this;
    }

    /** Has a user turned away without an order. */
    Scene refuseAtDoor(int user) {
        Answer answer = answers.get(user);
        ledger.removeIf(order -> order.orderId().equals(answer.orderId()));
        answers.set(
                user, new Answer(user, 0, answer.sentNanos(), answer.answeredNanos(), 409, null, null, "out-of-stock"));
        return this;
    }

    /** Has MySQL hold another quantity of a product. */
    public Scene storedStock(long productId, int quantity) {
        stocks.replaceAll(stock ->
                stock.productId() == productId ? new ProductStock(productId, quantity, stock.cached()) : stock);
        return this;
    }

    /** Judges the scene as it is now. */
    public ModeResult judged() {
        return ExperimentVerdict.judge(plan, mode, answers, ledger, stocks);
    }

    private static Answer told(Answer answer, @Nullable Integer status, @Nullable String problem) {
        return new Answer(
                answer.user(),
                answer.api(),
                answer.sentNanos(),
                answer.answeredNanos(),
                status,
                answer.orderId(),
                answer.ticket(),
                problem);
    }

    private static DecidedRow decided(DecidedRow order, long commitSeq, String status) {
        return new DecidedRow(
                commitSeq,
                order.orderId(),
                status,
                order.ticket(),
                order.overtaken(),
                order.acceptedAt(),
                order.decidedAt());
    }
}
