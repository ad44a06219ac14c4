package dev.turnstile.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketedOrder;
import dev.turnstile.line.WakeupListener;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.ReplyAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class InFlightOrdersTest {

    private static final TopicPartition P0 = new TopicPartition("orders.fair", 0);
    private static final TopicPartition P1 = new TopicPartition("orders.fair", 1);

    private final InFlightOrders<TicketedOrder> kept =
            new InFlightOrders<>(TicketedOrder::order, TicketedOrder::ticket);
    private long tickets = 1;

    @Test
    void commitsUpToTheFirstOrderThatIsNotDone() {
        TicketedOrder first = keep(P0, 10);
        TicketedOrder second = keep(P0, 11);
        TicketedOrder third = keep(P0, 12);
        assertThat(kept.committable()).isEmpty();

        done(third);
        done(second);
        assertThat(kept.committable()).as("the first still waits").isEmpty();

        done(first);
        assertThat(kept.committable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(13)));
    }

    @Test
    void reportsAPositionOnceItIsCommittedNoMore() {
        done(keep(P0, 10));
        Map<TopicPartition, OffsetAndMetadata> positions = kept.committable();
        kept.committed(positions, kept.generation());
        assertThat(kept.committable()).isEmpty();

        done(keep(P0, 11));
        assertThat(kept.committable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(12)));
    }

    @Test
    void aCommitThatFailedIsReportedAgain() {
        done(keep(P0, 10));
        assertThat(kept.committable()).isEqualTo(kept.committable()).isNotEmpty();
    }

    @Test
    void recordsThatWereSetAsideDoNotHoldUpThePosition() {
        kept.pass(P0, 10);
        done(keep(P0, 11));
        kept.pass(P0, 12);
        assertThat(kept.committable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(13)));
    }

    @Test
    void anOrderIsFoundByItsKeyAsLongAsItIsKept() {
        TicketedOrder first = keep(P0, 10);
        TicketedOrder second = keep(P1, 20);
        assertThat(kept.byKey(first.ticket())).as("not indexed yet").isEmpty();
        kept.index(List.of(first, second));
        assertThat(kept.byKey(first.ticket())).contains(first.order());
        done(first);
        kept.drop(List.of(P1));
        assertThat(kept.byKey(first.ticket())).isEmpty();
        assertThat(kept.byKey(second.ticket())).isEmpty();
    }

    @Test
    void ofTwoRecordsWithOneKeyTheFirstIsFoundUntilItIsDone() {
        TicketedOrder first = keep(P0, 10);
        TicketedOrder again = new TicketedOrder(parking().order(), first.ticket());
        kept.keep(P1, 20, again);
        kept.index(List.of(first));
        kept.index(List.of(again));
        assertThat(kept.byKey(first.ticket())).contains(first.order());
        done(again);
        assertThat(kept.byKey(first.ticket())).contains(first.order());
        done(first);
        assertThat(kept.byKey(first.ticket())).isEmpty();
    }

    @Test
    void aRecordDeliveredTwiceIsKeptOnceAndAgainWhenItWasDone() {
        TicketedOrder order = keep(P0, 10);
        assertThat(kept.keep(P0, 10, order)).isFalse();
        done(order);
        assertThat(kept.keep(P0, 10, order)).as("the ledger answers it").isTrue();
        assertThat(kept.committable()).isEmpty();
        done(order);
        assertThat(kept.committable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(11)));
    }

    /** The listener threw in the middle of a batch, of which the first two orders were done meanwhile. */
    @Test
    void aBatchThatIsDeliveredAgainHoldsThePositionWhereItsOpenOrdersAre() {
        TicketedOrder first = keep(P0, 10);
        keep(P0, 11);
        TicketedOrder third = keep(P0, 12);
        done(first);
        done(third);
        assertThat(kept.keep(P0, 10, first)).isTrue();
        done(first);
        assertThat(kept.committable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(11)));
        kept.pass(P0, 13);
        assertThat(kept.committable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(11)));
    }

    @Test
    void aTopicThatWasMadeAnewIsKeptFromItsFirstRecord() {
        TicketedOrder old = keep(P0, 100);
        TicketedOrder before = keep(P0, 101);
        done(old);
        kept.committed(kept.committable(), kept.generation());

        TicketedOrder first = keep(P0, 0);
        TicketedOrder second = keep(P0, 1);
        done(second);
        assertThat(kept.committable()).isEmpty();
        done(first);
        assertThat(kept.committable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(2)));
        assertThat(kept.order(before.order().id())).as("answerable").isPresent();
    }

    @Test
    void anOrderWhoseRecordGaveWayToAnotherHoldsUpNoPositionAndIsAnswered() {
        TicketedOrder lost = keep(P0, 10);
        TicketedOrder alsoLost = keep(P0, 11);
        TicketedOrder other = keep(P0, 10);
        kept.pass(P0, 11);
        done(other);
        assertThat(kept.committable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(12)));
        assertThat(kept.size()).isEqualTo(2);
        kept.drop(List.of(P0));
        assertThat(kept.page(0, 10).orders()).containsExactly(lost, alsoLost);
        done(lost);
        done(alsoLost);
        assertThat(kept.size()).isZero();
    }

    @Test
    void aCommitThatEndsAfterThePositionWentBackLiftsNothing() {
        done(keep(P0, 100));
        Map<TopicPartition, OffsetAndMetadata> late = kept.committable();
        long generation = kept.generation();
        done(keep(P0, 0));
        kept.committed(late, generation);
        assertThat(kept.committable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(1)));
    }

    @Test
    void anOrderPublishedTwiceIsDoneInBothPlaces() {
        TicketedOrder order = parking();
        kept.keep(P0, 10, order);
        kept.keep(P1, 5, order);
        done(order);
        assertThat(kept.committable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(11), P1, new OffsetAndMetadata(6)));
        assertThat(kept.size()).isZero();
    }

    @Test
    void droppedPartitionsLeaveNothingBehindAndCanComeBack() {
        TicketedOrder order = keep(P0, 10);
        keep(P1, 3);
        kept.drop(List.of(P0));
        assertThat(kept.page(0, 10).orders()).hasSize(1).doesNotContain(order);
        done(order);
        assertThat(kept.committable()).isEmpty();

        assertThat(kept.keep(P0, 10, order)).as("delivered again").isTrue();
        done(order);
        assertThat(kept.committable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(11)));
    }

    @Test
    void whatIsKeptOfATopicThatWasMadeAnewHoldsUpNoPosition() {
        done(keep(P0, 10));
        TicketedOrder before = keep(P0, 11);
        keep(P1, 3);
        assertThat(kept.committable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(11)));
        kept.restart(List.of(P0));
        assertThat(kept.committable())
                .as("nothing of the new topic was consumed")
                .isEmpty();

        done(keep(P0, 0));
        assertThat(kept.committable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(1)));
        assertThat(kept.order(before.order().id()))
                .as("is answered all the same")
                .isPresent();
        kept.drop(List.of(P0));
        done(before);
        assertThat(kept.size()).isOne();
    }

    @Test
    void whatCouldNotBeParkedIsHandedOutAgainInItsOrder() {
        List<TicketedOrder> orders = List.of(keep(P0, 1), keep(P0, 2), keep(P1, 1));
        List<TicketedOrder> two = kept.take(2);
        assertThat(two).isEqualTo(orders.subList(0, 2));
        kept.putBack(two);
        assertThat(kept.hasUntaken()).isTrue();
        assertThat(kept.take(5)).isEqualTo(orders);
        assertThat(kept.hasUntaken()).isFalse();
    }

    @Test
    void pagesGoThroughAllOrdersAndBeginAgain() {
        List<TicketedOrder> orders = List.of(keep(P0, 1), keep(P1, 1), keep(P0, 2), keep(P0, 3), keep(P1, 2));
        InFlightOrders.Page<TicketedOrder> one = kept.page(0, 2);
        InFlightOrders.Page<TicketedOrder> two = kept.page(one.next(), 2);
        done(orders.get(3));
        InFlightOrders.Page<TicketedOrder> three = kept.page(two.next(), 2);
        assertThat(one.orders()).isEqualTo(orders.subList(0, 2));
        assertThat(two.orders()).isEqualTo(orders.subList(2, 4));
        assertThat(three.orders()).isEqualTo(orders.subList(4, 5));
        assertThat(three.next()).isZero();
    }

    /** An idempotency key was used at two APIs at once: two records of one order, and each API waits. */
    @Test
    void aRecordThatWantsItsAnswerElsewhereStaysUntilItHasIt() {
        TicketedOrder here = keep(P0, 1);
        TicketedOrder there = elsewhere(here, 1);
        kept.keep(P0, 2, there);
        kept.keep(P0, 3, elsewhere(here, 1));
        assertThat(kept.repeats(List.of(here.order()))).containsExactly(there.order());
        assertThat(kept.repeats(List.of(here.order(), there.order()))).isEmpty();

        kept.done(List.of(here.order()), kept.moment());
        assertThat(kept.size()).isEqualTo(2);
        assertThat(kept.committable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(2)));
        assertThat(kept.order(here.order().id())).hasValue(there.order());

        kept.done(List.of(there.order()), kept.moment());
        assertThat(kept.size()).isZero();
        assertThat(kept.committable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(4)));
    }

    /**
     * An idempotency key was used once more when its answer had just come, before this worker knew that Kafka has it:
     * no request waits for that answer any more, and one for another.
     */
    @Test
    void aRecordThatComesAfterItsAnswerWasSentStaysUntilItIsAnsweredItself() {
        TicketedOrder first = keep(P0, 1);
        long since = kept.moment();
        kept.keep(P0, 2, first);
        kept.done(List.of(first.order()), since);
        assertThat(kept.order(first.order().id())).hasValue(first.order());
        assertThat(kept.committable()).isEqualTo(Map.of(P0, new OffsetAndMetadata(2)));

        done(first);
        assertThat(kept.size()).isZero();
    }

    @Test
    void whatAnotherWorkerAnsweredIsDoneUnlessNobodyKnowsWhichOfItsRecordsThatWas() {
        TicketedOrder alone = keep(P0, 1);
        TicketedOrder twice = keep(P0, 2);
        kept.keep(P0, 3, elsewhere(twice, 1));
        TicketedOrder again = keep(P0, 4);
        kept.keep(P0, 5, again);
        assertThat(kept.doneElsewhere(List.of(
                        answered(alone),
                        answered(twice),
                        answered(again),
                        new WakeupListener.Answered(UUID.randomUUID(), null))))
                .hasSize(4);
        assertThat(kept.order(alone.order().id())).isEmpty();
        assertThat(kept.size()).isEqualTo(4);
    }

    /**
     * An API drew and died; the order came again through another one, and a third worker decided by the record in the
     * line.
     */
    @Test
    void anOrderThatWasAnsweredForAnotherRecordIsToBeAnsweredFromHere() {
        TicketedOrder first = parking();
        TicketedOrder second = elsewhere(first, 1);
        kept.keep(P0, 1, second);
        assertThat(kept.doneElsewhere(List.of(answered(first)))).containsExactly(second);
        assertThat(kept.doneElsewhere(List.of(answered(second)))).isEmpty();
        assertThat(kept.size()).isZero();
    }

    private static WakeupListener.Answered answered(TicketedOrder parking) {
        return new WakeupListener.Answered(parking.order().id(), parking.order().replyTo());
    }

    private static TicketedOrder elsewhere(TicketedOrder parking, int partition) {
        Order order = parking.order();
        ReplyAddress there = new ReplyAddress(OrderTopics.REPLIES, partition);
        return new TicketedOrder(
                new Order(order.id(), order.mode(), order.lines(), order.acceptedAt(), there, null), parking.ticket());
    }

    private TicketedOrder keep(TopicPartition partition, long offset) {
        TicketedOrder parking = parking();
        assertThat(kept.keep(partition, offset, parking)).isTrue();
        return parking;
    }

    private void done(TicketedOrder parking) {
        kept.done(List.of(parking.order()), kept.moment());
    }

    private TicketedOrder parking() {
        Order order = new Order(UUID.randomUUID(), Mode.FAIR, List.of(new OrderLine(1, 1)), Instant.EPOCH, null, null);
        return new TicketedOrder(order, new Ticket(tickets++));
    }
}
