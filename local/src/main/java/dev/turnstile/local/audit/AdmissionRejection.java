package dev.turnstile.local.audit;

import dev.turnstile.local.project.UserError;
import java.util.Arrays;

/**
 * An order that was turned away for want of stock before it had a ticket, as the line remembers it.
 *
 * @param version the stock row's version at which there were fewer pieces than it wanted
 * @param lastTicket the last ticket that had been drawn by then
 */
record AdmissionRejection(long productId, long version, int wanted, long lastTicket) {

    private static final int FIELDS = 4;

    /**
     * Reads {@code product:version:wanted:last ticket}.
     *
     * @throws UserError if it is something else
     */
    static AdmissionRejection read(String text) {
        try {
            long[] fields = Arrays.stream(text.split(":", FIELDS))
                    .mapToLong(Long::parseLong)
                    .toArray();
            if (fields.length == FIELDS) {
                return new AdmissionRejection(fields[0], fields[1], Math.toIntExact(fields[2]), fields[3]);
            }
        } catch (NumberFormatException | ArithmeticException e) {
            // reported below
        }
        throw new UserError("the line's list of refusals holds \"" + text
                + "\", which is not product:version:wanted:ticket: another program writes to this Redis");
    }
}
