package dev.turnstile.local.demo;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A decided order as the ledger holds it.
 *
 * @param commitSeq grows with every order in the order of commits
 * @param orderId the order
 * @param status name of its outcome
 * @param ticket its place in the line, or null in distributed mode
 * @param overtaken whether a later ticket was decided before it
 * @param acceptedAt by the API's clock
 * @param decidedAt by the worker's clock
 */
public record DecidedRow(
        long commitSeq,
        UUID orderId,
        String status,
        @Nullable Long ticket,
        boolean overtaken,
        Instant acceptedAt,
        Instant decidedAt) {}
