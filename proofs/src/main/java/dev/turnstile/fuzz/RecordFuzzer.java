package dev.turnstile.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Records for the topics of orders that are right, nearly right, or nothing of the kind; of each it is known which, by
 * docs/protocol.md. Some name the installation that they are sent to, but none has a ticket that it drew. All is a
 * function of the seed.
 */
public final class RecordFuzzer {

    private static final String DISTRIBUTED = "orders.distributed";
    private static final String FAIR = "orders.fair";
    private static final List<String> TOPICS = List.of(DISTRIBUTED, FAIR, "orders.fair.open");

    /** Bytes of the largest fair record without a ticket that counts. */
    private static final int LARGEST = 64 * 1024;

    /** Of one product in an order. */
    private static final int MOST_PIECES = 500_000;

    private static final int REMEMBERED = 100;

    private static final List<String> NAMES = List.of(
            "order-id",
            "ticket",
            "ticket-mac",
            "reply-topic",
            "reply-partition",
            "correlation-id",
            "replay-run",
            "installation",
            "redriven-from",
            "traceparent",
            "dlt-reason",
            "dlt-partition",
            "dlt-offset");

    private static final List<String> ODD_TEXTS = List.of(
            "",
            " ",
            "null",
            "0",
            "-1",
            "1.5",
            "9007199254740992",
            "99999999999999999999",
            "NaN",
            "{}",
            "[]",
            "\u0000",
            "\u0001\u001b[2J",
            "\ufeff",
            "\u2028",
            "1-1-1-1-1",
            "zzzzzzzz-0000-0000-0000-000000000000",
            "${jndi:ldap://x/a}",
            "'; DROP TABLE orders; --",
            "orders.fair",
            "__consumer_offsets",
            "../..",
            "\ud83d\ude00".repeat(50),
            "x".repeat(10_000));

    private static final List<String> NO_TICKETS =
            List.of("", "first", "0", "-1", "1.5", "1e3", "99999999999999999999", "9007199254740992", " 1", "\u0000");

    /** Of the first epoch of a line, of later ones, and the last that there can be. */
    private static final List<Long> FORGED_TICKETS = List.of(
            1L,
            1L << 40,
            (1L << 40) + 1,
            (1L << 40) + 2,
            (1L << 40) + 100,
            (1L << 40) + 1_000_000_000,
            (2L << 40) + 1,
            (1L << 53) - 1);

    private static final List<String> RIGHT_TIMES = List.of(
            "1970-01-01T00:00:00Z",
            "2199-12-31T23:59:59.999999Z",
            "2026-11-22T10:26:32Z",
            "2026-11-22T10:26:32.123456789Z",
            "2026-11-22T10:26:32+01:00");

    private static final List<String> WRONG_TIMES = List.of(
            "\"2200-01-01T00:00:00Z\"",
            "\"1969-12-31T23:59:59Z\"",
            "\"+10000-01-01T00:00:00Z\"",
            "\"2026-13-01T00:00:00Z\"",
            "\"2026-02-30T00:00:00Z\"",
            "\"2026-11-22T10:26:32\"",
            "\"2026-11-22\"",
            "\"yesterday\"",
            "\"\"",
            "\"1763800000\"",
            "1763800000",
            "1763800000.5",
            "null",
            "true",
            "[]",
            "{}");

    private static final List<String> RIGHT_ADDRESSES = List.of(
            "null",
            "{\"topic\":\"orders.replies\",\"partition\":0}",
            "{\"topic\":\"orders.replies\",\"partition\":11}",
            "{\"topic\":\"orders.replies\",\"partition\":2147483647}",
            "{\"topic\":\"nobody.has.it\",\"partition\":0}",
            "{\"topic\":\"orders.replies.nobody\",\"partition\":3,\"more\":[1]}",
            "{\"partition\":1,\"topic\":\"" + "x".repeat(249) + "\"}");

    private static final List<String> WRONG_ADDRESSES = List.of(
            "\"orders.replies\"",
            "[]",
            "1",
            "{}",
            "{\"topic\":\"orders.replies\"}",
            "{\"partition\":0}",
            "{\"topic\":\"orders.replies\",\"partition\":-1}",
            "{\"topic\":\"orders.replies\",\"partition\":\"0\"}",
            "{\"topic\":\"orders.replies\",\"partition\":0.0}",
            "{\"topic\":\"orders.replies\",\"partition\":null}",
            "{\"topic\":\"orders.replies\",\"partition\":2147483648}",
            "{\"topic\":null,\"partition\":0}",
            "{\"topic\":7,\"partition\":0}",
            "{\"topic\":\"orders.fair\",\"partition\":0}",
            "{\"topic\":\"orders.fair.dlt\",\"partition\":0}",
            "{\"topic\":\"__consumer_offsets\",\"partition\":0}",
            "{\"topic\":\"\",\"partition\":0}",
            "{\"topic\":\"..\",\"partition\":0}",
            "{\"topic\":\"a b\",\"partition\":0}",
            "{\"topic\":\"" + "x".repeat(250) + "\",\"partition\":0}");

    private static final List<String> RIGHT_RUNS =
            List.of("null", "\"r\"", "\"replay-1\"", "\"" + "r".repeat(64) + "\"", "\"\\u0041\"", "\"\\\"'\"");

    private static final List<String> WRONG_RUNS = List.of(
            "\"\"",
            "\" \"",
            "\"a b\"",
            "\"\u00e9\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"" + "r".repeat(65) + "\"",
            "7",
            "true",
            "[]",
            "{}");

    private static final List<String> WRONG_NUMBERS = List.of(
            "0",
            "-0",
            "-1",
            "1.0",
            "1.9",
            "2e0",
            "1E2",
            "01",
            "+1",
            "0x1",
            "NaN",
            "Infinity",
            "1e400",
            "9".repeat(60),
            "9007199254740992",
            "9223372036854775808",
            "\"3\"",
            "\"\"",
            "null",
            "true",
            "[]",
            "[1]",
            "{}",
            "");

    private static final List<String> WRONG_IDS = List.of(
            "null",
            "\"\"",
            "7",
            "true",
            "[]",
            "{}",
            "\"1-1-1-1-1\"",
            "\"zzzzzzzz-0000-0000-0000-000000000000\"",
            "\"0198c5a0-7b1e-7000-8000-00000000000\"",
            "\"0198c5a07b1e70008000000000000000\"",
            "\"{0198c5a0-7b1e-7000-8000-000000000000}\"",
            "\" 0198c5a0-7b1e-7000-8000-000000000000\"",
            "\"AZjFoHseAAAAAAAAAAAAAA==\"");

    private static final List<String> WRONG_MODES =
            List.of("null", "\"\"", "\"FAIR\"", "\"Distributed\"", "\"open\"", "0", "1", "true", "[]", "{}");

    private static final List<String> WRONG_LINES = List.of(
            "null",
            "[]",
            "{}",
            "1",
            "\"\"",
            "[null]",
            "[1]",
            "[[]]",
            "[{}]",
            "[{\"productId\":1}]",
            "[{\"quantity\":1}]",
            "{\"productId\":1,\"quantity\":1}");

    private static final List<String> NO_ORDERS = List.of(
            "",
            " ",
            "null",
            "true",
            "1",
            "\"\"",
            "[]",
            "{}",
            "{\"v\":1}",
            "{\"v\":1,\"order\":null}",
            "{\"v\":1,\"order\":[]}",
            "{\"v\":1,\"order\":{}}",
            "{\"v\":99}",
            "{\"v\":1,\"decision\":{}}",
            "[".repeat(50_000),
            "{\"order\":".repeat(500) + "1",
            "{" + "\"x\":1,".repeat(3000) + "\"x\":2}",
            "PK\u0003\u0004",
            "<order/>");

    private static final List<String> UNKNOWN = List.of(
            "1",
            "-0.5e3",
            "1e400",
            "null",
            "\"\"",
            "\"\\ud800\"",
            "[]",
            "{\"quantity\":-1,\"id\":7}",
            "[[[[[[[[[[1]]]]]]]]]]",
            "\"" + "x".repeat(5_000) + "\"");

    private final RandomGenerator random;
    private final List<Long> products;
    private final UUID installation;
    private final long nowMs;
    private final List<Shot> sent = new ArrayList<>();

    /**
     * A header.
     *
     * @param value its bytes, or null if it has none
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Part(String name, byte @Nullable [] value) {}

    /**
     * A record.
     *
     * @param timestampMs its time
     * @param orderId the order in it, if it is right
     * @param pieces what the order is for, by product; of no product if the record is not right
     * @param kind what was done to it
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Shot(
            String topic,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<Part> headers,
            long timestampMs,
            UUID orderId,
            Map<Long, Integer> pieces,
            String kind) {

        /** Whether it is to be decided; otherwise it is a dead letter. */
        public boolean right() {
            return !pieces.isEmpty();
        }

        /** How it looks, shortened. */
        @Override
        public String toString() {
            StringBuilder shown = new StringBuilder(topic)
                    .append(right() ? ", right, " : ", wrong, ")
                    .append(kind)
                    .append(", time ")
                    .append(timestampMs)
                    .append("\nkey ")
                    .append(shown(key));
            headers.stream()
                    .limit(20)
                    .forEach(part ->
                            shown.append('\n').append(part.name()).append(": ").append(shown(part.value())));
            return shown.append('\n').append(shown(value)).toString();
        }

        private static String shown(byte @Nullable [] bytes) {
            if (bytes == null) {
                return "(null)";
            }
            StringBuilder shown = new StringBuilder();
            for (char c : new String(bytes, ISO_8859_1).toCharArray()) {
                if (shown.length() > 700) {
                    return shown + "… (" + bytes.length + " bytes)";
                }
                shown.append(c >= ' ' && c < 127 ? String.valueOf(c) : "\\x" + Integer.toHexString(c));
            }
            return shown.toString();
        }
    }

    /** An order that is being made a record. Values are JSON text. */
    private static final class Draft {
        private final String topic;
        private final UUID id;
        private final Map<String, String> message = new LinkedHashMap<>();
        private final Map<String, String> order = new LinkedHashMap<>();
        private final List<Map<String, String>> lines = new ArrayList<>();
        private final List<Part> headers = new ArrayList<>();
        private byte @Nullable [] key;
        private byte @Nullable [] value = new byte[0];
        private long timestampMs;
        private boolean right = true;

        Draft(String topic, UUID id) {
            this.topic = topic;
            this.id = id;
        }

        void header(String name, @Nullable Object text) {
            headers.add(new Part(name, text == null ? null : text.toString().getBytes(UTF_8)));
        }

        void line(long productId, int quantity) {
            Map<String, String> line = new LinkedHashMap<>();
            line.put("productId", Long.toString(productId));
            line.put("quantity", Integer.toString(quantity));
            lines.add(line);
        }

        String text() {
            Map<String, String> inside = new LinkedHashMap<>();
            order.forEach((name, value) -> inside.put(
                    name,
                    value.equals("LINES")
                            ? "["
                                    + String.join(
                                            ",",
                                            lines.stream().map(Draft::object).toList()) + "]"
                            : value));
            Map<String, String> outside = new LinkedHashMap<>(message);
            outside.replace("order", object(inside));
            return object(outside);
        }

        private static String object(Map<String, String> fields) {
            return "{"
                    + String.join(
                            ",",
                            fields.entrySet().stream()
                                    .map(field -> "\"" + field.getKey() + "\":" + field.getValue())
                                    .toList())
                    + "}";
        }

        int size() {
            return bytes(key)
                    + bytes(value)
                    + headers.stream()
                            .mapToInt(part -> part.name().length() + bytes(part.value()))
                            .sum();
        }

        private static int bytes(byte @Nullable [] some) {
            return some == null ? 0 : some.length;
        }

        Map<Long, Integer> pieces() {
            Map<Long, Integer> pieces = new TreeMap<>();
            for (Map<String, String> line : lines) {
                pieces.merge(
                        Long.valueOf(line.getOrDefault("productId", "")),
                        Integer.valueOf(line.getOrDefault("quantity", "")),
                        Integer::sum);
            }
            return pieces;
        }
    }

    /**
     * Begins.
     *
     * @param products that orders are for, among others that don't exist
     * @param installation the one that records are sent to
     * @param nowMs the time of most records
     */
    public RecordFuzzer(long seed, List<Long> products, UUID installation, long nowMs) {
        this.random = new SplittableRandom(seed);
        this.products = products;
        this.installation = installation;
        this.nowMs = nowMs;
    }

    /** The next to send; one in twenty was sent before. */
    public Shot next() {
        if (!sent.isEmpty() && random.nextInt(20) == 0) {
            return any(sent);
        }
        Shot shot = random.nextInt(40) == 0 ? echo().orElseGet(this::made) : made();
        if (sent.size() < REMEMBERED) {
            sent.add(shot);
        } else {
            sent.set(random.nextInt(REMEMBERED), shot);
        }
        return shot;
    }

    /**
     * A record that is no order and names one that was sent before it, which is decided all the same. It is read behind
     * that one, as that one lies in the partition of its id.
     */
    private Optional<Shot> echo() {
        return (sent.isEmpty() ? Optional.<Shot>empty() : Optional.of(any(sent)))
                .filter(shot -> shot.right()
                        && shot.topic().equals(DISTRIBUTED)
                        && shot.timestampMs() == nowMs
                        && Arrays.equals(shot.key(), shot.orderId().toString().getBytes(UTF_8)))
                .map(shot -> {
                    Draft draft = new Draft(DISTRIBUTED, shot.orderId());
                    draft.header("order-id", shot.orderId());
                    byte[] value = any(NO_ORDERS).getBytes(UTF_8);
                    byte[] key = random.nextInt(3) == 0 ? shot.key() : odd();
                    return new Shot(
                            DISTRIBUTED,
                            key,
                            value,
                            draft.headers,
                            nowMs,
                            shot.orderId(),
                            Map.of(),
                            "an echo of another");
                });
    }

    private Shot made() {
        Draft draft = honest();
        StringBuilder kind = new StringBuilder("odd");
        for (int i = random.nextInt(4); i > 0; i--) {
            int oddity = random.nextInt(20);
            kind.append(' ').append(oddity);
            makeOdd(draft, oddity);
        }
        int damage = random.nextInt(2) == 0 ? random.nextInt(26) : -1;
        draft.right = damage < 0;
        if (damage >= 0) {
            kind.append(", damage ").append(damage);
            damageParts(draft, damage);
        }
        String text = draft.text();
        draft.value = (damage < 0 ? spread(text) : damaged(text, damage)).getBytes(UTF_8);
        if (damage >= 0) {
            damageBytes(draft, damage);
        }
        if (draft.right && random.nextInt(40) == 0) {
            pad(draft, LARGEST + random.nextInt(3) - 1 - draft.size());
        }
        Map<Long, Integer> pieces = draft.right ? draft.pieces() : Map.of();
        boolean fits = (draft.topic.equals(DISTRIBUTED) || draft.size() <= LARGEST)
                && pieces.values().stream().allMatch(added -> added <= MOST_PIECES);
        return new Shot(
                draft.topic,
                draft.key,
                draft.value,
                List.copyOf(draft.headers),
                draft.timestampMs,
                draft.id,
                fits ? pieces : Map.of(),
                kind.toString());
    }

    private Draft honest() {
        String topic = any(TOPICS);
        Draft draft = new Draft(topic, id());
        draft.message.put("v", "1");
        draft.message.put("order", "");
        draft.order.put("id", "\"" + draft.id + "\"");
        draft.order.put("mode", topic.equals(DISTRIBUTED) ? "\"distributed\"" : "\"fair\"");
        draft.order.put("lines", "LINES");
        draft.order.put("acceptedAt", "\"2026-11-22T10:26:32.123Z\"");
        draft.order.put("replyTo", "null");
        draft.order.put("replayRun", "null");
        for (int i = random.nextInt(10) == 0 ? 1 + random.nextInt(3) : 1; i > 0; i--) {
            draft.line(any(products), 1 + random.nextInt(3));
        }
        draft.key =
                (topic.equals(DISTRIBUTED) ? draft.id.toString() : any(products).toString()).getBytes(UTF_8);
        draft.timestampMs = nowMs;
        return draft;
    }

    private UUID id() {
        return new UUID((random.nextLong() & ~0xf000L) | 0x4000L, (random.nextLong() >>> 2) | Long.MIN_VALUE);
    }

    /** What leaves it right. */
    private void makeOdd(Draft draft, int oddity) {
        switch (oddity) {
            case 0 ->
                any(List.of(draft.message, draft.order, draft.lines.get(0)))
                        .put(any(List.of("", "price", "__proto__", "@class", "a.b", "V")), any(UNKNOWN));
            case 1 -> {
                shuffle(draft.message);
                shuffle(draft.order);
                draft.lines.forEach(this::shuffle);
            }
            case 2 -> draft.order.put("id", "\"" + draft.id.toString().toUpperCase(Locale.ROOT) + "\"");
            case 3 -> draft.order.put("acceptedAt", "\"" + any(RIGHT_TIMES) + "\"");
            case 4 -> draft.order.put("replyTo", any(RIGHT_ADDRESSES));
            case 5 -> draft.order.put("replayRun", any(RIGHT_RUNS));
            case 6 ->
                draft.order.put(
                        "traceParent",
                        any(List.of(
                                "null",
                                "\"\"",
                                "\"junk\"",
                                "\"\\ud800\"",
                                "\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\"")));
            case 7 -> {
                draft.order.remove("replyTo");
                draft.order.remove("replayRun");
            }
            case 8 -> draft.header(any(NAMES), null);
            case 9 -> {
                String named = random.nextBoolean()
                        ? draft.id.toString()
                        : draft.id.toString().toUpperCase(Locale.ROOT);
                draft.headers.removeIf(part -> part.name().equals("order-id"));
                for (int i = 1 + random.nextInt(2); i > 0; i--) {
                    draft.header("order-id", named);
                }
            }
            case 10 -> draft.headers.add(new Part(any(List.of("x", "", "\u00e9", "n".repeat(300))), odd()));
            case 11 -> {
                for (int i = random.nextInt(300); i > 0; i--) {
                    draft.header("many", i);
                }
            }
            case 12 -> {
                if (draft.topic.equals(FAIR)) {
                    draft.headers.removeIf(part -> part.name().equals("ticket"));
                    draft.header("ticket", 1 + random.nextLong(1L << 50));
                } else {
                    draft.headers.add(new Part("ticket", odd()));
                }
            }
            case 13 -> draft.headers.add(new Part(any(List.of("reply-topic", "reply-partition")), odd()));
            case 14 ->
                draft.headers.add(
                        new Part(any(List.of("traceparent", "dlt-reason", "replay-run", "ticket-mac")), odd()));
            case 15 -> draft.key = random.nextInt(3) == 0 ? null : odd();
            case 16 ->
                draft.timestampMs = any(List.of(
                        0L, 1L, 1_763_800_000L, nowMs - 1000, nowMs + 1_800_000, 7_258_118_400_000L, Long.MAX_VALUE));
            case 17 -> {
                // any producer can read the name of an installation, and write a ticket beside it
                draft.headers.removeIf(part -> part.name().equals("installation"));
                draft.header("installation", installation);
                if (!draft.topic.equals(DISTRIBUTED)) {
                    draft.headers.removeIf(part -> part.name().startsWith("ticket"));
                    draft.header("ticket", any(FORGED_TICKETS));
                    draft.header("ticket-mac", any(List.of("", "x", "AAAAAAAAAAAAAAAAAAAAAA")));
                }
            }
            default -> limits(draft);
        }
    }

    private void limits(Draft draft) {
        if (draft.lines.size() >= 40) {
            return;
        }
        switch (random.nextInt(20)) {
            case 0 -> {
                draft.lines.clear();
                draft.line(any(products), 500_000);
            }
            case 1 -> {
                draft.lines.clear();
                long product = any(products);
                for (int i = 0; i < 50; i++) {
                    draft.line(product, random.nextInt(4) == 0 ? 10_000 : 1);
                }
            }
            case 2, 3 -> {
                while (draft.lines.size() < 50) {
                    draft.line(any(products), 1);
                }
            }
            case 4, 5, 6 -> draft.line((1L << 53) - 1 - random.nextInt(5), 1);
            default -> draft.line(any(products), 1 + random.nextInt(9));
        }
    }

    /** What makes it wrong, whatever else is odd about it. */
    private void damageParts(Draft draft, int damage) {
        Map<String, String> line = any(draft.lines);
        switch (damage) {
            case 0 -> {
                draft.message.put(
                        "v",
                        any(List.of("0", "-1", "2", "99", "1.0", "\"1\"", "null", "true", "[]", "4294967297", "")));
                if (random.nextInt(5) == 0) {
                    draft.message.remove("v");
                }
            }
            case 1 -> draft.order.put("id", any(WRONG_IDS));
            case 2 -> draft.order.put("mode", any(WRONG_MODES));
            case 3 -> draft.order.put("mode", draft.topic.equals(DISTRIBUTED) ? "\"fair\"" : "\"distributed\"");
            case 4 -> draft.order.put("lines", any(WRONG_LINES));
            case 5 -> {
                for (int i = 51 + random.nextInt(200); i > 0; i--) {
                    draft.line(any(products), 1);
                }
            }
            case 6 -> line.put("productId", any(WRONG_NUMBERS));
            case 7 ->
                line.put(
                        "quantity", random.nextInt(4) == 0 ? any(List.of("500001", "2147483648")) : any(WRONG_NUMBERS));
            case 8 -> {
                draft.lines.clear();
                draft.line(1, 500_000);
                draft.line(1, 1);
            }
            case 9 -> draft.order.put("acceptedAt", any(WRONG_TIMES));
            case 10 -> draft.order.put("replyTo", any(WRONG_ADDRESSES));
            case 11 -> draft.order.put("replayRun", any(WRONG_RUNS));
            case 12 -> draft.order.put("traceParent", any(List.of("7", "1.5", "true", "[]", "{}")));
            case 13 -> draft.order.remove(any(List.of("id", "mode", "lines", "acceptedAt")));
            case 14 -> line.remove(any(List.of("productId", "quantity")));
            case 15 -> any(List.of(draft.message, draft.order, line)).put("deep", "[".repeat(40) + "]".repeat(40));
            case 16 ->
                draft.header(
                        "order-id",
                        random.nextBoolean() ? id() : any(List.of("", "junk", "1-1-1-1-1", "null", "\u0000")));
            case 17 -> {
                draft.headers.removeIf(part -> part.name().equals("installation"));
                draft.header("installation", random.nextBoolean() ? id() : any(ODD_TEXTS));
            }
            case 18 -> {
                if (draft.topic.equals(FAIR)) {
                    draft.headers.removeIf(part -> part.name().equals("ticket"));
                    draft.header("ticket", any(NO_TICKETS));
                } else {
                    draft.order.put("id", any(WRONG_IDS));
                }
            }
            default -> {
                // its text or its bytes
            }
        }
    }

    private String damaged(String text, int damage) {
        return switch (damage) {
            case 19 -> text.substring(0, random.nextInt(text.length()));
            case 20 -> text + any(List.of("x", "{}", ",", "}", "\u0000", "\ufeff", text));
            case 21 -> any(NO_ORDERS);
            case 22 -> twice(text);
            case 23 ->
                text.replace(
                        "\"order\":",
                        any(List.of(
                                "'order':",
                                "order:",
                                "\"order\"",
                                "\"order\"=",
                                "/**/\"order\":",
                                "\"ord\ner\":1,\"order\":",
                                "\"\\q\":1,\"order\":",
                                ",\"order\":")));
            default -> text;
        };
    }

    /** A property that is there two times, with the same value or another. */
    private String twice(String text) {
        return switch (random.nextInt(4)) {
            case 0 -> text.replaceFirst("\"order\":", "\"order\":null,\"order\":");
            case 1 -> text.replaceFirst("\"mode\":", "\"mode\":\"fair\",\"mode\":");
            case 2 -> text.replaceFirst("\"quantity\":", "\"quantity\":1,\"quantity\":");
            default -> text.replaceFirst("\"order\":", "\"x\":{\"y\":1,\"y\":1},\"order\":");
        };
    }

    private void damageBytes(Draft draft, int damage) {
        switch (damage) {
            case 24 -> {
                byte[] bytes = draft.text().getBytes(UTF_8);
                switch (random.nextInt(3)) {
                    case 0 -> bytes[random.nextInt(bytes.length)] = (byte) (0xf8 + random.nextInt(8)); // never in UTF-8
                    case 1 -> bytes = draft.text().getBytes(UTF_16);
                    default -> {
                        bytes = new byte[1 + random.nextInt(5_000)];
                        new Random(random.nextLong()).nextBytes(bytes);
                        bytes[0] = (byte) 0xff;
                    }
                }
                draft.value = bytes;
            }
            case 25 -> draft.value = null;
            default -> {
                // done
            }
        }
    }

    /** The same JSON, written in another way. */
    private String spread(String text) {
        return switch (random.nextInt(8)) {
            case 0 -> " \n\t\r".repeat(random.nextInt(500)) + text + "\n";
            case 1 -> text.replaceFirst("\"id\"", "\"\\\\u0069d\"");
            case 2 -> text.replaceFirst("\"mode\":", "\n\"mode\" : ");
            default -> text;
        };
    }

    private static void pad(Draft draft, int by) {
        byte[] value = draft.value;
        if (value != null && by > 0) {
            byte[] padded = Arrays.copyOf(value, value.length + by);
            Arrays.fill(padded, value.length, padded.length, (byte) ' ');
            draft.value = padded;
        }
    }

    private void shuffle(Map<String, String> fields) {
        List<String> names = new ArrayList<>(fields.keySet());
        Collections.shuffle(names, new Random(random.nextLong()));
        for (String name : names) {
            String value = fields.remove(name);
            if (value != null) {
                fields.put(name, value);
            }
        }
    }

    private byte[] odd() {
        if (random.nextInt(4) == 0) {
            byte[] bytes = new byte[random.nextInt(random.nextInt(10) == 0 ? 30_000 : 100)];
            new Random(random.nextLong()).nextBytes(bytes);
            return bytes;
        }
        return any(ODD_TEXTS).getBytes(UTF_8);
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
