package dev.turnstile.local.demo;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of one user's order: what the user saw, and what the ledger holds. Ranks count from 1; nanoseconds
 * count from the crowd's start.
 *
 * @param user number of the user, from 0
 * @param api number of the API instance that was asked, from 0
 * @param sendRank place in the order of sending
 * @param sentNanos right before sending
 * @param answeredNanos when the whole answer was there, or null if none came
 * @param completionRank place in the order of answers, or null if none came
 * @param httpStatus status of the answer, or null if none came
 * @param problem what was wrong with the answer, or null
 * @param told the state in the answer
 * @param orderId the order, or null if the answer named none
 * @param ticket its place in the line, or null
 * @param acceptanceRank place in the order of acceptance: of tickets, or without tickets of the API's times; null if
 *     the ledger does not hold it
 * @param status its outcome in the ledger, or null if the ledger does not hold it
 * @param commitSeq its commit sequence in the ledger, or null if the ledger does not hold it
 * @param commitRank its place among this experiment's commits, or null if the ledger does not hold it
 * @param overtaken whether a later ticket was decided before it
 * @param acceptedAt by the API's clock, ISO-8601, or null if the ledger does not hold it
 * @param decidedAt by the worker's clock, ISO-8601, or null if the ledger does not hold it
 */
public record BuyerRecord(
        int user,
        int api,
        int sendRank,
        long sentNanos,
        @Nullable Long answeredNanos,
        @Nullable Integer completionRank,
        @Nullable Integer httpStatus,
        @Nullable String problem,
        Answer.Told told,
        @Nullable UUID orderId,
        @Nullable Long ticket,
        @Nullable Integer acceptanceRank,
        @Nullable String status,
        @Nullable Long commitSeq,
        @Nullable Integer commitRank,
        boolean overtaken,
        @Nullable String acceptedAt,
        @Nullable String decidedAt) {}
