package dev.turnstile.order;

import com.github.f4b6a3.uuid.util.UuidValidator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Names of the topics and of the record headers, used by every module and by replays. */
public final class OrderTopics {

    /** Orders of distributed mode, keyed by order id. */
    public static final String DISTRIBUTED = "orders.distributed";
    /** Orders of fair mode that hold a ticket, keyed by lowest product id or by order id. */
    public static final String FAIR = "orders.fair";
    /** Fair orders without a ticket, from replays and other producers; they draw when consumed. */
    public static final String FAIR_OPEN = "orders.fair.open";
    /** Outcomes, one partition per API instance that waits. */
    public static final String REPLIES = "orders.replies";
    /** Outcomes of replayed orders; made by the first replay, read from its end by each. */
    public static final String REPLAY_REPLIES = "orders.replies.replay";
    /** The id of the installation that the topics belong to: the value of the first record of the one partition. */
    public static final String INSTALLATION = "orders.installation";
    /** With what the names of all topics begin. */
    public static final String PREFIX = "orders.";
    /** The topics whose records become orders. */
    public static final List<String> OF_ORDERS = List.of(DISTRIBUTED, FAIR, FAIR_OPEN);
    /** What is appended to a topic's name for the records that could not be processed. */
    public static final String DEAD_LETTER_SUFFIX = ".dlt";

    /** Header with the order id, as text. */
    public static final String HEADER_ORDER_ID = "order-id";
    /** Header with the ticket, decimal digits as text. */
    public static final String HEADER_TICKET = "ticket";
    /** Header with the code that only the installation which drew the ticket can make, as text. */
    public static final String HEADER_TICKET_MAC = "ticket-mac";
    /** Header with the name of the topic on which the outcome is awaited. */
    public static final String HEADER_REPLY_TOPIC = "reply-topic";
    /** Header with the partition on which the outcome is awaited, decimal digits as text. */
    public static final String HEADER_REPLY_PARTITION = "reply-partition";
    /** Header that a reply repeats from its request; the order id. */
    public static final String HEADER_CORRELATION_ID = "correlation-id";
    /** Header of a reply to a record whose order had been decided before; its value says nothing. */
    public static final String HEADER_DECIDED_BEFORE = "decided-before";
    /** Header with the replay run that made an order. */
    public static final String HEADER_REPLAY_RUN = "replay-run";

    /** Header with the id of the installation that published an order. */
    public static final String HEADER_INSTALLATION = "installation";
    /** Header of an order that was made of a dead letter, with the letter's place: topic/partition/offset. */
    public static final String HEADER_REDRIVEN_FROM = "redriven-from";

    private OrderTopics() {}

    /** The id of an order as it is written in headers and values, or nothing if the text is none. */
    public static Optional<UUID> orderId(String text) {
        return text.length() == 36 && UuidValidator.isValid(text)
                ? Optional.of(UUID.fromString(text))
                : Optional.empty();
    }
}
