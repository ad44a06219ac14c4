package dev.turnstile.local.audit;

import dev.turnstile.local.audit.PublishedRecords.Positions;
import dev.turnstile.local.audit.RedisKeys.CacheEntry;
import dev.turnstile.order.OrderTopics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.LongPredicate;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot of moving data: the cache, the line, and the records that are not committed. The order of reading makes
 * most of what is under way look right: the line before the topics, as what was parked before was published before;
 * both before the ledger, as what has left them before was committed before.
 */
final class SystemSnapshot {

    private final LedgerTables ledger;
    private final LongPredicate products;
    private final Sightings sightings = new Sightings();
    private final Set<Long> notCached = new TreeSet<>();
    private final Set<UUID> inLine = new HashSet<>();
    private final Set<UUID> uncommitted = new HashSet<>();
    private final List<Waiting> waiting = new ArrayList<>();

    /** A record of an order that has no outcome and is not committed. */
    private record Waiting(
            TopicPartition partition,
            long offset,
            long publishedAtMs,
            @Nullable UUID orderId,
            boolean hasTicket) {

        String place() {
            return partition + " offset " + offset;
        }
    }

    private SystemSnapshot(LedgerTables ledger, LongPredicate products) {
        this.ledger = ledger;
        this.products = products;
    }

    static SystemSnapshot at(LedgerTables ledger, RedisKeys redis, PublishedRecords records, LongPredicate products) {
        SystemSnapshot look = new SystemSnapshot(ledger, products);
        look.cache(redis);
        look.lineAndTopics(redis.line(), records);
        return look;
    }

    Sightings sightings() {
        return sightings;
    }

    /** Whether one of these orders stood in the line or was to be consumed yet. */
    boolean isWaiting(Collection<UUID> ids) {
        return ids.stream().anyMatch(id -> inLine.contains(id) || uncommitted.contains(id));
    }

    /** Adds the remarks that a working system has too. */
    void tell(Findings findings, long nowMs) {
        notCached.forEach(productId -> findings.noted(Note.NOT_CACHED, Finding.ofProduct(productId, "no entry")));
        for (String topic : PublishedRecords.TOPICS) {
            List<Waiting> here = waiting.stream()
                    .filter(record -> record.partition().topic().equals(topic))
                    .toList();
            here.stream()
                    .mapToLong(record -> Math.max(0, nowMs - record.publishedAtMs()))
                    .max()
                    .ifPresent(age -> findings.noted(
                            Note.WAITING,
                            here.size(),
                            Finding.of(here.size() + " in " + topic + ", the oldest for " + age + " ms")));
        }
    }

    private void cache(RedisKeys redis) {
        Set<Long> productIds = new TreeSet<>(ledger.stockRows().keySet());
        productIds.addAll(redis.cachedProducts());
        Map<Long, CacheEntry> entries = redis.cache(productIds);
        Map<Long, LedgerStock.Row> rows = ledger.stockRows();
        entries.forEach((productId, entry) -> {
            if (CacheChecks.isMissing(entry)) {
                notCached.add(productId);
            }
            if (entry.quantity() != null || entry.version() != null) {
                CacheChecks.compare(productId, entry, rows.get(productId), sightings);
            }
        });
    }

    private void lineAndTopics(LineState line, PublishedRecords records) {
        LineChecks checks = new LineChecks(line, products, sightings);
        checks.look();
        Positions positions = records.positions();
        records.read(positions.committed(), positions.end(), this::uncommitted);
        inLine.addAll(checks.orderIds());
        Set<UUID> decided = ledger.decided(inLine);
        checks.decided(decided);
        checks.unpublished(uncommitted, decided);
        for (Waiting record : waiting) {
            String topic = record.partition().topic();
            if (!positions.consumed().contains(topic)) {
                sightings.saw(
                        Check.CONSUMED,
                        record.place(),
                        Finding.ofOrder(record.orderId(), record.place() + " waits, and no worker consumes " + topic));
            }
            if (topic.equals(OrderTopics.FAIR) && record.hasTicket() && record.orderId() != null) {
                sightings.checked(Check.IN_LINE, 1);
                if (positions.consumed().contains(topic) && !inLine.contains(record.orderId())) {
                    sightings.saw(
                            Check.IN_LINE,
                            record.place(),
                            Finding.ofOrder(
                                    record.orderId(), record.place() + " has no outcome and is not in the line"));
                }
            }
        }
    }

    private void uncommitted(List<Published> records) {
        List<Published> ours =
                records.stream().filter(record -> record.isLookedAt(products)).toList();
        sightings.checked(Check.CONSUMED, ours.size());
        Set<UUID> ids = new HashSet<>();
        ours.forEach(record -> ids.addAll(record.ids()));
        uncommitted.addAll(ids);
        Set<UUID> decided = ledger.decided(ids);
        ours.stream()
                .filter(record -> record.ids().stream().noneMatch(decided::contains))
                .forEach(record -> waiting.add(new Waiting(
                        record.partition(),
                        record.offset(),
                        record.publishedAtMs(),
                        record.id(),
                        record.order() != null && record.hasTicket())));
    }
}
