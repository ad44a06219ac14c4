package dev.turnstile.api.order;

import dev.turnstile.api.problem.ProblemException;
import dev.turnstile.api.problem.ProblemType;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a client calls a request, so that it can be sent again without ordering again
 * (draft-ietf-httpapi-idempotency-key-header). The ids of the orders that come of it are functions of it ({@link
 * OrderIds}): whichever instance gets the request knows them.
 *
 * @param value without quotation marks
 */
record IdempotencyKey(String value) {

    static final String HEADER = "Idempotency-Key";
    static final String DESCRIPTION =
            "a name of this order that no other client can guess, ideally a random UUID: a repeated request with the same key"
                    + " places no second order and is answered with Idempotent-Replayed: true";

    private static final int LONGEST = 255;

    /** A string of RFC 8941 without escapes, as the draft has it, or the same without quotation marks. */
    private static final Pattern SYNTAX =
            Pattern.compile("\"([!#-\\[\\]-~]{1," + LONGEST + "})\"|([!#-\\[\\]-~]{1," + LONGEST + "})");

    /**
     * Reads the header.
     *
     * @return the key, or null if the header is not there
     * @throws ProblemException {@link ProblemType#INVALID_PARAMETER} if it is there and no key
     */
    static @Nullable IdempotencyKey of(@Nullable Enumeration<String> headers) {
        List<String> values = headers == null ? List.of() : Collections.list(headers);
        if (values.isEmpty()) {
            return null;
        }
        Matcher matcher = SYNTAX.matcher(values.get(0).strip());
        if (values.size() > 1 || !matcher.matches()) {
            throw new ProblemException(
                    ProblemType.INVALID_PARAMETER,
                    HEADER + " must be given once, as 1 to " + LONGEST
                            + " visible ASCII characters without \" and \\, quoted or not; a random UUID is a good one.");
        }
        String quoted = matcher.group(1);
        return new IdempotencyKey(quoted == null ? matcher.group(2) : quoted);
    }
}
