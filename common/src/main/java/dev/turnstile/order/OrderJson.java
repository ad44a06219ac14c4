package dev.turnstile.order;

import com.ethlo.time.ITU;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/**
 * The wire form of orders and decisions: JSON with a schema version. Nothing is coerced or repaired. Fields that a
 * reader does not know are skipped, so that a later build may add some under the same version; a higher {@code v}
 * than the reader's is refused.
 *
 * <p>Processes of one build and of the next run together while a system is brought up to date. So a build reads all
 * versions up to {@link #LATEST_READ} and writes {@link #VERSION}, which the build before it reads, too. A change that
 * a reader must not skip takes two releases: the first one reads the new version, the second one writes it.
 */
public final class OrderJson {

    /** The schema version that is written: one that the release before this one reads. */
    public static final int VERSION = 1;

    /** The latest schema version that is read; at most one above {@link #VERSION}. */
    static final int LATEST_READ = 1;

    private static final int MAX_DEPTH = 20;

    /** Nothing is coerced: a guessed quantity is one that no client ordered. */
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .withCoercionConfig(
                    LogicalType.Textual, config -> config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .addModule(new SimpleModule()
                    .addDeserializer(Instant.class, new InstantReader())
                    .addDeserializer(UUID.class, new IdReader()))
            .build();

    private static final ObjectWriter WRITER = MAPPER.writer();
    private static final ObjectReader ORDERS = MAPPER.readerFor(OrderMessage.class);
    private static final ObjectWriter OUTCOME_WRITER = MAPPER.writerFor(Outcome.class);
    private static final ObjectReader OUTCOMES = MAPPER.readerFor(Outcome.class);
    private static final ObjectReader DECISIONS = MAPPER.readerFor(DecisionMessage.class);

    private static final String DUPLICATE = "Duplicate Object property";

    private OrderJson() {}

    private record OrderMessage(int v, @Nullable Order order) {}

    private record DecisionMessage(int v, @Nullable Decision decision) {}

    /** An order as UTF-8 JSON. */
    public static byte[] write(Order order) {
        return WRITER.writeValueAsBytes(new OrderMessage(VERSION, order));
    }

    /** A decision as UTF-8 JSON. */
    public static byte[] write(Decision decision) {
        return WRITER.writeValueAsBytes(new DecisionMessage(VERSION, decision));
    }

    /** An outcome as JSON text, as the ledger stores it. */
    public static String write(Outcome outcome) {
        return OUTCOME_WRITER.writeValueAsString(outcome);
    }

    /**
     * Reads an outcome that the ledger stored.
     *
     * @throws JacksonException if the text is none
     */
    public static Outcome readOutcome(String json) {
        return OUTCOMES.readValue(json);
    }

    /**
     * Reads an order.
     *
     * @throws UnreadableMessageException if the bytes are no order of a version this build knows
     */
    public static Order readOrder(byte @Nullable [] json) throws UnreadableMessageException {
        OrderMessage message = read(ORDERS, OrderMessage.class, "worker", json);
        return checked("order", "worker", message.v(), message.order());
    }

    /**
     * Reads a decision.
     *
     * @throws UnreadableMessageException if the bytes are no decision of a version this build knows
     */
    public static Decision readDecision(byte @Nullable [] json) throws UnreadableMessageException {
        DecisionMessage message = read(DECISIONS, DecisionMessage.class, "process", json);
        return checked("decision", "process", message.v(), message.decision());
    }

    /**
     * The id and the reply address in a message that is not a readable order, as far as they can be read.
     *
     * @param id of the order, or null
     * @param replyTo where its outcome is awaited, or null
     */
    public record Sender(@Nullable UUID id, @Nullable ReplyAddress replyTo) {

        /** Of a message that does not say. */
        private static final Sender UNKNOWN = new Sender(null, null);
    }

    /** Reads who sent a message that {@link #readOrder} refuses. Never fails. */
    public static Sender readSender(byte @Nullable [] json) {
        JsonNode message = tree(json);
        JsonNode order = message == null ? null : message.path("order");
        if (order == null || !order.isObject()) {
            return Sender.UNKNOWN;
        }
        return new Sender(part(order.path("id"), UUID.class), part(order.path("replyTo"), ReplyAddress.class));
    }

    private static <T> @Nullable T part(JsonNode node, Class<T> type) {
        try {
            return node.isMissingNode() ? null : MAPPER.treeToValue(node, type);
        } catch (RuntimeException e) {
            return null;
        }
    }

    private static @Nullable JsonNode tree(byte @Nullable [] json) {
        try {
            return json == null ? null : MAPPER.readTree(text(json));
        } catch (RuntimeException | UnreadableMessageException e) {
            return null;
        }
    }

    private static String text(byte[] json) throws UnreadableMessageException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(json))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new UnreadableMessageException("not readable: it is not UTF-8", e);
        }
    }

    private static <T> T read(ObjectReader reader, Class<T> type, String who, byte @Nullable [] json)
            throws UnreadableMessageException {
        if (json == null) {
            throw new UnreadableMessageException("it has no value");
        }
        String text = text(json);
        Object message;
        try {
            message = reader.readValue(text);
        } catch (RuntimeException e) {
            JsonNode tree = tree(json);
            JsonNode version = tree == null ? null : tree.path("v");
            if (version != null && version.isInt()) {
                requireKnown(who, version.intValue());
            }
            throw new UnreadableMessageException("not readable: " + described(e), e);
        }
        if (message == null) {
            throw new UnreadableMessageException("not readable: it is null");
        }
        return type.cast(message);
    }

    /** In our own words: Jackson's speak of its classes and settings. */
    private static String described(RuntimeException e) {
        Throwable cause = e.getCause();
        if (cause != null && cause.getMessage() != null && !(cause instanceof JacksonException)) {
            return cause.getMessage(); // of the compact constructor of a part
        }
        if (e instanceof DatabindException databind && !databind.getPath().isEmpty()) {
            return path(databind) + " is missing or is not what it must be";
        }
        if (e instanceof JacksonException json) {
            TokenStreamLocation at = json.getLocation();
            String message = json.getOriginalMessage();
            String what = message.startsWith(DUPLICATE) ? message : "it is not valid JSON";
            return at == null ? what : what + " (line %d, column %d)".formatted(at.getLineNr(), at.getColumnNr());
        }
        return e.toString();
    }

    private static String path(DatabindException e) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference part : e.getPath()) {
            if (part.getPropertyName() == null) {
                path.append('[').append(part.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(part.getPropertyName());
            }
        }
        return path.toString();
    }

    private static void requireKnown(String who, int version) throws UnreadableMessageException {
        if (version > LATEST_READ) {
            throw new UnreadableMessageException(
                    "version " + version + " is newer than this " + who + " reads (" + LATEST_READ + ")");
        }
        if (version < 1) {
            throw new UnreadableMessageException("there is no version " + version);
        }
    }

    private static <T> T checked(String kind, String who, int version, @Nullable T content)
            throws UnreadableMessageException {
        requireKnown(who, version);
        if (content == null) {
            throw new UnreadableMessageException("the message holds no " + kind);
        }
        return content;
    }

    /** Reads the form in which instants are written, in a tenth of the time; what has another goes the general way. */
    private static final class InstantReader extends StdDeserializer<Instant> {

        InstantReader() {
            super(Instant.class);
        }

        @Override
        public Instant deserialize(JsonParser parser, DeserializationContext context) {
            if (!parser.hasToken(JsonToken.VALUE_STRING)) { // a number may be seconds or milliseconds
                throw context.weirdStringException(String.valueOf(parser.currentToken()), Instant.class, "no text");
            }
            String text = parser.getString();
            try {
                return ITU.parseDateTime(text).toInstant();
            } catch (DateTimeException e) {
                // a leap second, a year of five digits, or no instant at all
            }
            try {
                return Instant.parse(text);
            } catch (DateTimeException e) {
                throw context.weirdStringException(text, Instant.class, "no instant");
            }
        }
    }

    /** Reads the usual form of a UUID alone. */
    private static final class IdReader extends StdDeserializer<UUID> {

        IdReader() {
            super(UUID.class);
        }

        @Override
        public UUID deserialize(JsonParser parser, DeserializationContext context) {
            String text = parser.hasToken(JsonToken.VALUE_STRING) ? parser.getString() : "";
            return OrderTopics.orderId(text)
                    .orElseThrow(() -> context.weirdStringException(text, UUID.class, "no UUID"));
        }
    }

    /** A message that no retry can make readable. */
    public static final class UnreadableMessageException extends IOException {

        private static final long serialVersionUID = 1L;

        UnreadableMessageException(String message) {
            super(message);
        }

        UnreadableMessageException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
