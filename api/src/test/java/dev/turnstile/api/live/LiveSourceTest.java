package dev.turnstile.api.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyCollection;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.turnstile.api.ApiProperties;
import dev.turnstile.api.live.LiveView.LiveOrder;
import dev.turnstile.line.LineStatus;
import dev.turnstile.line.LineThroughput;
import dev.turnstile.line.Ticket;
import dev.turnstile.line.WorkerReport;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.RecentDecisions;
import dev.turnstile.stock.Stock;
import dev.turnstile.stock.StockCache;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.redisson.client.RedisTimeoutException;
import org.springframework.dao.QueryTimeoutException;

class LiveSourceTest {

    private static final long EPOCH_3 = 3L << 40;
    private static final WorkerReport REPORT = new WorkerReport(4, 5, 100, 25, 0.5, 3);

    private final List<RecentDecisions.Entry> committed = new ArrayList<>();
    private final Ledger ledger = mock(Ledger.class);
    private final RecentDecisions tail = mock(RecentDecisions.class);
    private final LineStatus board = mock(LineStatus.class);
    private final StockCache cache = mock(StockCache.class);
    private long nanos;
    private final LiveSource source = new LiveSource(
            ledger,
            tail,
            board,
            cache,
            new LineThroughput(() -> nanos),
            new ApiProperties(
                    7,
                    Duration.ofSeconds(1),
                    1,
                    Duration.ZERO,
                    1,
                    Duration.ZERO,
                    1,
                    Duration.ofSeconds(1),
                    null,
                    1,
                    1,
                    Duration.ofSeconds(1),
                    1,
                    false),
            new LiveProperties(true, true, 1, Duration.ofSeconds(1)),
            () -> nanos);

    @BeforeEach
    void servers() {
        when(tail.last()).thenAnswer(call -> committed.stream()
                .mapToLong(RecentDecisions.Entry::commitSeq)
                .max()
                .orElse(0));
        when(tail.after(anyLong(), anyInt())).thenAnswer(call -> committed.stream()
                .filter(entry -> entry.commitSeq() > (long) call.getArgument(0))
                .sorted(Comparator.comparingLong(RecentDecisions.Entry::commitSeq))
                .limit(call.<Integer>getArgument(1))
                .toList());
        when(ledger.stocks(anyCollection())).thenAnswer(call -> call.<Collection<Long>>getArgument(0).stream()
                .map(id -> new Stock(id, 9, 2))
                .toList());
        when(ledger.stocks(anyLong(), anyInt())).thenReturn(List.of(new Stock(1, 9, 2)));
        when(board.look(any())).thenAnswer(call -> {
            List<Long> products = call.getArgument(0);
            return CompletableFuture.completedFuture(new LineStatus.Snapshot(
                    12,
                    10,
                    products.stream()
                            .map(id -> new LineStatus.Queue(
                                    id, 6, id == 1 ? new Ticket(EPOCH_3 + 40) : null, id == 1 ? "worker-2" : null))
                            .toList(),
                    List.of(new LineStatus.Reported("worker-2", REPORT), new LineStatus.Reported("worker-1", REPORT))));
        });
        when(cache.quantities(any())).thenReturn(CompletableFuture.completedFuture(Map.of(1L, 8)));
    }

    private void commit(long seq, Mode mode, String status) {
        committed.add(new RecentDecisions.Entry(
                seq,
                mode,
                status,
                List.of(new OrderLine(5, 1)),
                mode == Mode.FAIR ? EPOCH_3 + 100 + seq : null,
                false));
    }

    private static List<Long> commits(LiveView view) {
        return view.orders().stream().map(LiveOrder::commit).toList();
    }

    @Test
    void tellsOfTheLineTheStockAndTheWorkers() {
        LiveView view = source.look();
        assertThat(view.instance()).isEqualTo(7);
        assertThat(view.crowd()).isTrue();
        assertThat(view.trouble()).isNull();
        assertThat(view.line())
                .as("the number of the head, without the epoch")
                .isEqualTo(new LiveView.LineView(12, 10, 40L, 2000, 7L)); // nothing is known of its pace
        assertThat(view.stocks()).containsExactly(new LiveView.LiveStock(1, 9, 8, 6, "worker-2"));
        assertThat(view.workers())
                .containsExactly(
                        new LiveView.WorkerView("worker-1", List.of(), REPORT),
                        new LiveView.WorkerView("worker-2", List.of(1L), REPORT));
    }

    @Test
    void showsTheProductsThatWereOrderedLast() {
        commit(1, Mode.FAIR, Outcome.FULFILLED);
        assertThat(source.look().stocks())
                .extracting(LiveView.LiveStock::productId)
                .containsExactly(1L, 5L);
    }

    @Test
    void tellsEachDecisionOnceAlsoOneWhoseCommitWasSlower() {
        commit(10, Mode.FAIR, Outcome.FULFILLED);
        assertThat(commits(source.look())).as("what was before").containsExactly(10L);
        commit(13, Mode.FAIR, Outcome.OUT_OF_STOCK);
        assertThat(commits(source.look())).containsExactly(13L);
        commit(12, Mode.DISTRIBUTED, Outcome.FULFILLED);
        LiveView late = source.look();
        assertThat(commits(late)).containsExactly(12L);
        assertThat(late.orders().get(0).ticket()).isNull();
        assertThat(commits(source.look())).isEmpty();
        LiveView whole = source.withHistory(late);
        assertThat(commits(whole)).containsExactly(10L, 13L, 12L);
        assertThat(whole.orders().get(0).ticket()).isEqualTo(110);
    }

    @Test
    void countsPerSecondWhatWasDecidedWhileSomebodyWatched() {
        for (int seq = 1; seq <= 50; seq++) {
            commit(seq, Mode.FAIR, Outcome.FULFILLED);
        }
        assertThat(source.look().perSecond()).as("all of this was before").isEmpty();
        nanos += Duration.ofSeconds(1).toNanos();
        commit(51, Mode.FAIR, Outcome.FULFILLED);
        commit(52, Mode.FAIR, Outcome.FULFILLED);
        commit(53, Mode.DISTRIBUTED, Outcome.OUT_OF_STOCK);
        assertThat(source.look().perSecond())
                .isEqualTo(Map.of(
                        Mode.FAIR,
                        Map.of(Outcome.FULFILLED, 2.0),
                        Mode.DISTRIBUTED,
                        Map.of(Outcome.OUT_OF_STOCK, 1.0)));
        nanos += Duration.ofSeconds(10).toNanos();
        assertThat(source.look().perSecond()).isEmpty();
    }

    @Test
    void aRateThatIsHigherThanWhatAViewShowsIsCountedAllTheSame() {
        source.look();
        nanos += Duration.ofSeconds(1).toNanos();
        for (int seq = 1; seq <= 2000; seq++) {
            commit(seq, Mode.FAIR, Outcome.FULFILLED);
        }
        LiveView view = source.look();
        assertThat(view.orders()).hasSize(300).last().satisfies(last -> assertThat(last.commit())
                .isEqualTo(2000));
        assertThat(view.perSecond().get(Mode.FAIR)).containsEntry(Outcome.FULFILLED, 2000.0);
    }

    @Test
    void namesWhatDoesNotAnswerAndShowsTheRest() {
        when(tail.last()).thenThrow(new QueryTimeoutException("gone"));
        LiveView view = source.look();
        assertThat(view.trouble()).isEqualTo("The database does not answer.");
        assertThat(view.line()).isNotNull();

        doReturn(CompletableFuture.failedFuture(new RedisTimeoutException("gone")))
                .when(board)
                .look(any());
        LiveView nothing = source.look();
        assertThat(nothing.trouble()).contains("The database").contains("Redis");
        assertThat(nothing.line()).isNull();
        assertThat(nothing.workers()).isEmpty();
    }

    @Test
    void whileNobodyWatchesNothingIsKept() {
        commit(1, Mode.FAIR, Outcome.FULFILLED);
        source.look();
        source.rest();
        commit(2, Mode.FAIR, Outcome.FULFILLED);
        LiveView view = source.look();
        assertThat(commits(view)).containsExactly(1L, 2L);
        assertThat(view.perSecond()).isEmpty();
    }
}
