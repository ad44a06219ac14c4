package dev.turnstile.local.dlt;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.turnstile.local.project.UserError;
import dev.turnstile.local.server.ExternalServers;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderJson.UnreadableMessageException;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.Outcome;
import dev.turnstile.stock.JdbcLedger;
import dev.turnstile.stock.Ledger;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * Sends dead letters again, as new orders: their own outcome, {@code INVALID}, is final. No request waits for the new
 * one, which is in the ledger.
 *
 * <p>The id of the new order follows from the letter, so that sending it again is no second order: whichever of the two
 * is decided first counts for both.
 */
public final class Redrive implements AutoCloseable {

    /** Bytes of the largest order that is accepted. */
    private static final int LARGEST = 64 * 1024;

    private final Ledger ledger;
    private final Producer<String, byte[]> producer;

    /**
     * Connects when it is first used.
     *
     * @param kafka bootstrap servers
     * @param database the ledger, which shows whether a letter's order has got an outcome after all
     */
    public Redrive(String kafka, ExternalServers.Jdbc database) {
        DriverManagerDataSource dataSource =
                new DriverManagerDataSource(database.url(), database.user(), database.password());
        this.ledger = new JdbcLedger(dataSource, new DataSourceTransactionManager(dataSource), Clock.systemUTC());
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", kafka);
        settings.put("client.id", "turnstile-dlt");
        settings.put("enable.metrics.push", false);
        settings.put("acks", "all");
        settings.put("max.block.ms", 5_000);
        settings.put("request.timeout.ms", 3_000);
        settings.put("delivery.timeout.ms", 5_000);
        this.producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    /**
     * Sends a letter again, and waits until the broker has it.
     *
     * @throws UserError if the ledger or Kafka fails
     * @throws InterruptedException if interrupted while waiting for the broker
     */
    public Redriven send(DeadLetter letter) throws InterruptedException {
        Order lost;
        try {
            lost = read(letter);
        } catch (UnreadableMessageException | RuntimeException e) {
            return new Redriven.Refused(String.valueOf(e.getMessage()));
        }
        UUID orderId = newId(letter);
        Map<UUID, Decision> decisions = decisions(letter, lost, orderId);
        Decision before = decisions.remove(orderId);
        if (before != null) {
            return new Redriven.Decided(orderId, before.outcome().status());
        }
        Optional<Decision> otherwise = decisions.values().stream()
                .filter(decision -> !(decision.outcome() instanceof Outcome.Invalid))
                .findFirst();
        if (otherwise.isPresent()) {
            Decision decision = otherwise.get();
            return new Redriven.Refused("its order " + decision.orderId() + " is "
                    + decision.outcome().status() + ": sending it again would create a second order");
        }
        Order order =
                new Order(orderId, lost.mode(), lost.lines(), Instant.now().truncatedTo(ChronoUnit.MICROS), null, null);
        ProducerRecord<String, byte[]> record = record(letter, lost, order);
        publish(record);
        return new Redriven.Sent(orderId, record.topic());
    }

    private static Order read(DeadLetter letter) throws UnreadableMessageException {
        byte[] value = letter.value();
        if (value == null) {
            throw new IllegalArgumentException("it has no value");
        }
        if (value.length > LARGEST) {
            throw new IllegalArgumentException(
                    "it has " + value.length + " bytes, and an order has at most " + LARGEST);
        }
        return OrderJson.readOrder(value);
    }

    /** The same each time; of a topic that was made anew another one, though its offsets begin again. */
    private static UUID newId(DeadLetter letter) {
        return UuidCreator.getNameBasedSha1(
                "turnstile-redrive/" + letter.place() + "/" + letter.time().toEpochMilli());
    }

    private Map<UUID, Decision> decisions(DeadLetter letter, Order lost, UUID orderId) {
        Set<UUID> asked = new LinkedHashSet<>(Set.of(lost.id(), orderId));
        if (letter.orderId() != null) {
            asked.add(letter.orderId());
        }
        try {
            return new HashMap<>(ledger.find(asked));
        } catch (DataAccessException e) {
            throw new UserError(
                    "the ledger can't be asked: " + e.getMostSpecificCause().getMessage(), e);
        }
    }

    private static ProducerRecord<String, byte[]> record(DeadLetter letter, Order lost, Order order) {
        String topic =
                switch (order.mode()) {
                    case DISTRIBUTED -> OrderTopics.DISTRIBUTED;
                    case FAIR -> OrderTopics.FAIR_OPEN;
                };
        String key = letter.key();
        boolean byProduct = order.mode() == Mode.FAIR
                && (key == null || !key.equals(lost.id().toString()));
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                topic,
                byProduct
                        ? Long.toString(order.productIds().get(0))
                        : order.id().toString(),
                OrderJson.write(order));
        header(record, OrderTopics.HEADER_ORDER_ID, order.id());
        header(record, OrderTopics.HEADER_CORRELATION_ID, order.id());
        header(record, OrderTopics.HEADER_REDRIVEN_FROM, letter.place());
        return record;
    }

    private static void header(ProducerRecord<String, byte[]> record, String name, Object value) {
        record.headers().add(name, value.toString().getBytes(UTF_8));
    }

    private void publish(ProducerRecord<String, byte[]> record) throws InterruptedException {
        try {
            producer.send(record).get();
        } catch (KafkaException e) {
            throw new UserError("Kafka did not accept the order for " + record.topic() + ": " + e.getMessage(), e);
        } catch (ExecutionException e) {
            throw new UserError("Kafka did not accept the order for " + record.topic() + ": " + e.getCause(), e);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
