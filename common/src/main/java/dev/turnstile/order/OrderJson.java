package dev.turnstile.order;

import com.ethlo.time.ITU;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.ext.javatime.deser.InstantDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * The wire form of orders and decisions: JSON with a schema version. Fields that a reader does not know are passed
 * over, so that a later build may add some under the same version; a higher {@code v} than the reader's is refused.
 *
 * <p>Processes of one build and of the next run together while a system is brought up to date. So a build reads all versions
 * up to {@link #LATEST_READ} and writes {@link #VERSION}, which the build before it reads, too. A change that a reader
 * must not pass over takes two releases: the first one reads the new version, the second one writes it.
 */
public final class OrderJson {

    /** The schema version that is written: one that the release before this one reads. */
    public static final int VERSION = 1;

    /** The latest schema version that is read; at most one above {@link #VERSION}. */
    static final int LATEST_READ = 1;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .addModule(new SimpleModule().addDeserializer(Instant.class, new InstantReader()))
            .build();
    private static final ObjectWriter WRITER = MAPPER.writer();
    private static final ObjectReader ORDERS = MAPPER.readerFor(OrderMessage.class);
    private static final ObjectWriter OUTCOME_WRITER = MAPPER.writerFor(Outcome.class);
    private static final ObjectReader OUTCOMES = MAPPER.readerFor(Outcome.class);
    private static final ObjectReader DECISIONS = MAPPER.readerFor(DecisionMessage.class);

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
    public static Order readOrder(byte[] json) throws UnreadableMessageException {
        OrderMessage message = read(ORDERS, OrderMessage.class, json);
        return checked("order", message.v(), message.order());
    }

    /**
     * Reads a decision.
     *
     * @throws UnreadableMessageException if the bytes are no decision of a version this build knows
     */
    public static Decision readDecision(byte[] json) throws UnreadableMessageException {
        DecisionMessage message = read(DECISIONS, DecisionMessage.class, json);
        return checked("decision", message.v(), message.decision());
    }

    private static <T> T read(ObjectReader reader, Class<T> type, byte[] json) throws UnreadableMessageException {
        try {
            return type.cast(reader.readValue(json));
        } catch (JacksonException e) {
            throw new UnreadableMessageException("not readable: " + e.getOriginalMessage(), e);
        }
    }

    private static <T> T checked(String kind, int version, @Nullable T content) throws UnreadableMessageException {
        if (version < 1 || version > LATEST_READ) {
            throw new UnreadableMessageException("schema version " + version + " of an " + kind
                    + " is not known to this build, which reads versions up to " + LATEST_READ);
        }
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
            if (parser.hasToken(JsonToken.VALUE_STRING)) {
                try {
                    return ITU.parseDateTime(parser.getString()).toInstant();
                } catch (DateTimeException e) {
                    // a leap second, a year of five digits, or no instant at all
                }
            }
            return InstantDeserializer.INSTANT.deserialize(parser, context);
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
