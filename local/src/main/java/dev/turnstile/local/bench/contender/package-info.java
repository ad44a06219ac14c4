/**
 * What Turnstile is compared with. Each contender writes the rows that Turnstile's ledger writes, in the same database
 * at the same durability, so that the difference is in how the right to the stock is won and in nothing else.
 */
@NullMarked
package dev.turnstile.local.bench.contender;

import org.jspecify.annotations.NullMarked;
