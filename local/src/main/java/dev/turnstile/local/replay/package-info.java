/**
 * The experiment that Turnstile is judged by: a crowd buys scarce products at the same moment; what became of every
 * order is read from the ledger and judged.
 */
@NullMarked
package dev.turnstile.local.replay;

import org.jspecify.annotations.NullMarked;
