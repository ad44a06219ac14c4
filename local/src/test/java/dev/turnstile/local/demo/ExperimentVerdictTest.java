package dev.turnstile.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.order.Mode;
import dev.turnstile.order.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExperimentVerdictTest {

    @ParameterizedTest
    @EnumSource(Mode.class)
    void holdsWhenTheLatestAreRefused(Mode mode) {
        ModeResult result = new Scene(mode, 100, 90).judged();

        assertThat(failed(result)).isEmpty();
        assertThat(result.held()).isTrue();
        DemoFigures figures = result.figures();
        assertThat(figures.fulfilled()).isEqualTo(90);
        assertThat(figures.refused()).isEqualTo(10);
        assertThat(figures.inversionsBySendTime()).isZero();
        assertThat(figures.unfairLosersBySendTime()).isZero();
        assertThat(figures.wallMs()).isEqualTo(99 * 2 + 10);
        assertThat(figures.sendSpreadMs()).isEqualTo(99 * 2);
        assertThat(figures.p50Ms()).isEqualTo(10);
        assertThat(figures.maxMs()).isEqualTo(10);
    }

    @Test
    void holdsWhenThereIsEnoughForEverybody() {
        ModeResult result = new Scene(Mode.FAIR, 5, 8).judged();

        assertThat(failed(result)).isEmpty();
        assertThat(result.stocks()).extracting(ProductStock::stored).containsOnly(3);
    }

    @Test
    void findsLoserWithLowerTicketThanWinner() {
        ModeResult result =
                new Scene(Mode.FAIR, 100, 90).exchangeOutcomes(40, 95).judged();

        assertThat(failed(result)).containsExactly("unfair losers by ticket", "unfair losers by send time");
        assertThat(result.figures().unfairLosersByTicket()).isEqualTo(6);
        assertThat(result.figures().unfairLosersBySendTime()).isEqualTo(6);
    }

    @Test
    void distributedModeMayRefuseAnybody() {
        ModeResult result =
                new Scene(Mode.DISTRIBUTED, 100, 90).exchangeOutcomes(40, 95).judged();

        assertThat(failed(result)).isEmpty();
        assertThat(result.figures().unfairLosersByTicket()).isNull();
        assertThat(result.figures().inversionsByTicket()).isNull();
        assertThat(result.figures().unfairLosersBySendTime()).isEqualTo(6);
    }

    @Test
    void findsCommitsOutOfTicketOrder() {
        ModeResult result =
                new Scene(Mode.FAIR, 100, 90).exchangeCommits(10, 12).judged();

        assertThat(failed(result)).containsExactly("pairs committed out of ticket order");
        assertThat(result.figures().inversionsByTicket()).isEqualTo(3);
        assertThat(result.figures().inversionsBySendTime()).isEqualTo(3);
    }

    @Test
    void findsUserWithoutAnswer() {
        ModeResult result = new Scene(Mode.FAIR, 100, 90).loseAnswer(17).judged();

        assertThat(failed(result)).containsExactly("every user received an outcome");
        assertThat(result.figures().unanswered()).isEqualTo(1);
        assertThat(result.figures().fulfilled()).isEqualTo(90);
        assertThat(result.buyers().get(17).completionRank()).isNull();
    }

    @Test
    void findsWrongStock() {
        Scene scene = new Scene(Mode.DISTRIBUTED, 100, 90);
        scene.stocks.set(1, new ProductStock(2, 1, 0));
        scene.stocks.set(2, new ProductStock(3, 0, null));

        assertThat(scene.judged().expectations().stream().filter(expectation -> !expectation.held()))
                .containsExactly(
                        new Expectation("stored stock at the end", false, "expected 0 of each product, was 0, 1, 0"),
                        new Expectation(
                                "cached stock at the end", false, "expected 0 of each product, was 0, 0, none"));
    }

    @Test
    void findsProductThatIsGone() {
        Scene scene = new Scene(Mode.FAIR, 100, 90);
        scene.stocks.remove(0);

        assertThat(failed(scene.judged())).containsExactly("stored stock at the end", "cached stock at the end");
    }

    @Test
    void findsUserWhoWasToldWhatTheLedgerDoesNotHold() {
        Scene scene = new Scene(Mode.DISTRIBUTED, 100, 90);
        scene.ledger.remove(3);

        assertThat(failed(scene.judged()))
                .containsExactly("orders fulfilled", "answers that the ledger does not confirm, once each");
    }

    @Test
    void findsTwoUsersWithOneOrder() {
        Scene scene = new Scene(Mode.DISTRIBUTED, 100, 90);
        Answer answer = scene.answers.get(4);
        scene.answers.set(
                4, new Answer(4, 0, answer.sentNanos(), answer.answeredNanos(), 200, Scene.id(3), null, null));

        ModeResult result = scene.judged();

        assertThat(failed(result)).containsExactly("answers that the ledger does not confirm, once each");
    }

    @Test
    void findsOvertakenOrder() {
        Scene scene = new Scene(Mode.FAIR, 100, 90);
        DecidedRow order = scene.ledger.get(7);
        scene.ledger.set(
                7,
                new DecidedRow(
                        order.commitSeq(),
                        order.orderId(),
                        order.status(),
                        order.ticket(),
                        true,
                        order.acceptedAt(),
                        order.decidedAt()));

        assertThat(failed(scene.judged())).containsExactly("orders overtaken");
    }

    @Test
    void waitingIsNoOutcome() {
        Scene scene = new Scene(Mode.FAIR, 100, 90);
        Answer answer = scene.answers.get(0);
        scene.answers.set(
                0,
                new Answer(
                        0,
                        0,
                        answer.sentNanos(),
                        answer.answeredNanos(),
                        202,
                        answer.orderId(),
                        answer.ticket(),
                        null));

        assertThat(failed(scene.judged())).containsExactly("every user received an outcome");
    }

    @Test
    void refusalAtTheDoorIsFairAfterTheLastWinnerAsked() {
        ModeResult result = new Scene(Mode.FAIR, 100, 90).refuseAtDoor(99).judged();

        assertThat(failed(result)).isEmpty();
        assertThat(result.figures().refused()).isEqualTo(10);
        assertThat(result.figures().refusedAtDoor()).isEqualTo(1);
        assertThat(result.buyers().get(99).commitRank()).isNull();
    }

    @Test
    void refusalAtTheDoorBeforeTheLastWinnerAskedIsUnfair() {
        ModeResult result = new Scene(Mode.FAIR, 100, 90)
                .exchangeOutcomes(80, 95)
                .exchangeCommits(80, 95)
                .refuseAtDoor(80)
                .judged();

        // Of users 80 and 90 to 94, who lost before user 95 won, the last four got their answers after 95 had asked.
        assertThat(result.figures().unfairLosersByTicket()).isEqualTo(1 + 5);
    }

    @Test
    void ranksCountFromOneInEveryOrder() {
        List<BuyerRecord> buyers =
                new Scene(Mode.FAIR, 3, 2).exchangeCommits(0, 1).judged().buyers();

        assertThat(buyers).extracting(BuyerRecord::sendRank).containsExactly(1, 2, 3);
        assertThat(buyers).extracting(BuyerRecord::completionRank).containsExactly(1, 2, 3);
        assertThat(buyers).extracting(BuyerRecord::acceptanceRank).containsExactly(1, 2, 3);
        assertThat(buyers).extracting(BuyerRecord::commitRank).containsExactly(2, 1, 3);
        assertThat(buyers)
                .extracting(BuyerRecord::status)
                .containsExactly(Outcome.FULFILLED, Outcome.FULFILLED, Outcome.OUT_OF_STOCK);
    }

    private static List<String> failed(ModeResult result) {
        return result.expectations().stream()
                .filter(expectation -> !expectation.held())
                .map(Expectation::claim)
                .toList();
    }
}
