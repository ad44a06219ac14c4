package dev.turnstile.local.demo;

import org.jspecify.annotations.Nullable;

/**
 * The figures of one experiment. Times are milliseconds by the load generator's clock.
 *
 * @param users how many bought
 * @param fulfilled orders that the ledger holds as fulfilled
 * @param refused orders rejected for lack of stock: those in the ledger, and those rejected at admission
 * @param refusedAtDoor those of the refused that never joined the line and are not in the ledger
 * @param errors users who got an answer that is no outcome
 * @param unanswered users who got no answer
 * @param wallMs from the first request to the last answer
 * @param p50Ms half of the answers took no longer
 * @param p99Ms 99 of 100 answers took no longer
 * @param maxMs the slowest answer
 * @param sendSpreadMs from the first request to the last request
 * @param inversionsByTicket pairs of orders committed against the order of their tickets; null without tickets
 * @param inversionsBySendTime pairs of orders committed against the order of sending
 * @param unfairLosersByTicket rejected orders whose ticket was lower than a fulfilled order's, and orders that were
 *     rejected at admission before a later winner had even asked; null without tickets
 * @param unfairLosersBySendTime refused orders that were sent before a fulfilled one
 * @param overtaken orders that the ledger marks as decided after a later ticket
 */
public record DemoFigures(
        int users,
        int fulfilled,
        int refused,
        int refusedAtDoor,
        int errors,
        int unanswered,
        double wallMs,
        double p50Ms,
        double p99Ms,
        double maxMs,
        double sendSpreadMs,
        @Nullable Long inversionsByTicket,
        long inversionsBySendTime,
        @Nullable Integer unfairLosersByTicket,
        int unfairLosersBySendTime,
        int overtaken) {}
