/**
 * Failures made on purpose, on real servers and processes: for tests, for proofs and for experiments by hand.
 * What can be undone is undone by the {@link dev.turnstile.local.fault.FaultHandle} that its making returned.
 */
@NullMarked
package dev.turnstile.local.fault;

import org.jspecify.annotations.NullMarked;
