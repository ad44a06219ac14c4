package dev.turnstile.stock;

import java.sql.SQLException;
import java.util.Set;
import org.springframework.core.NestedExceptionUtils;

/**
 * The cause of a ledger failure, which determines what happens to the orders of a run. Determined by the error number
 * of MySQL and MariaDB: one SQLSTATE covers a missing table, a read-only server and a value that does not fit. An
 * unknown number is {@link #SERVER}: an accepted order is never given up for an unforeseen reason.
 */
public enum LedgerFailure {
    /** A value of an order does not fit. Never succeeds; an order that fails so alone is recorded as INVALID. */
    ORDER,
    /** Too much at once. Fewer orders succeed. */
    SIZE,
    /**
     * Everything else: the server, its schema, its grants, its configuration, its load, the network. Succeeds later.
     */
    SERVER;

    private static final Set<Integer> ORDERS = Set.of(
            1048, // column can't be null
            1264, // out of range
            1265, // data truncated
            1292, // incorrect date or time
            1300, // invalid character string
            1366, // incorrect string or number
            1367, // illegal value for a type
            1406, // data too long
            1411, // incorrect value for a function
            1690, // number out of range in an expression
            1977, // MariaDB: can't convert a character
            3140, // invalid JSON
            3141, // invalid JSON in an argument
            3144, // JSON in a character set that is none for it
            3156, // JSON that can't be cast
            3157, // JSON that is nested too deeply
            3819, // MySQL: check constraint
            3854, // MySQL: can't convert a string
            4025); // MariaDB: check constraint

    private static final Set<Integer> SIZES = Set.of(
            1153, // packet too large
            1197, // more than max_binlog_cache_size
            1206, // more row locks than fit
            1301, // result larger than max_allowed_packet
            1390); // too many placeholders

    private static final Set<Integer> OF_A_SERVER_THAT_LEFT = Set.of(
            1053, // is shutting down
            1290, // runs with --read-only or --super-read-only
            1792, // read-only transaction
            1836, // read-only mode
            1927); // MariaDB: the connection was killed

    /** The driver checks the length itself and reports no number. */
    private static final String DRIVERS_PACKET_TOO_BIG = "PacketTooBigException";

    /** What a failure stems from, by the first cause that the database or its driver gave. */
    public static LedgerFailure of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause.getClass().getSimpleName().endsWith(DRIVERS_PACKET_TOO_BIG)) {
                return SIZE;
            }
            if (cause instanceof SQLException sql && sql.getErrorCode() != 0) {
                return ofNumber(sql.getErrorCode());
            }
        }
        return SERVER;
    }

    static LedgerFailure ofNumber(int number) {
        if (ORDERS.contains(number)) {
            return ORDER;
        }
        return SIZES.contains(number) ? SIZE : SERVER;
    }

    /**
     * Whether the connection that failed so belongs to a server that takes no writes any more, while its successor may.
     */
    static boolean endsConnection(SQLException failure) {
        return OF_A_SERVER_THAT_LEFT.contains(failure.getErrorCode());
    }

    /**
     * What the database said, with its number, in printable ASCII of bounded length: it may repeat values of an order.
     */
    public static String describe(Throwable failure) {
        Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
        String text = cause instanceof SQLException sql
                ? sql.getMessage() + " (error " + sql.getErrorCode() + ")"
                : cause.toString();
        String printable = text.replaceAll("[^ -~]", "?");
        return printable.length() > 300 ? printable.substring(0, 300) + "..." : printable;
    }
}
