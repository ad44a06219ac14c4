package dev.turnstile.local.chaos;

import dev.turnstile.order.OrderLine;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row of the table {@code orders}, read without the code that is judged. */
record LedgerRow(
        long commitSeq,
        UUID orderId,
        String mode,
        String status,
        List<OrderLine> lines,
        @Nullable Long ticket,
        boolean overtaken) {

    /** Copies the lines. */
    LedgerRow {
        lines = List.copyOf(lines);
    }
}
