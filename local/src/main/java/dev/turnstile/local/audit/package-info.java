/**
 * The audit: judges a system from what MySQL, Redis and Kafka hold, and changes nothing. It reads tables, keys and
 * topics itself and shares no logic with the code that it judges, only the wire form of orders and outcomes.
 */
@NullMarked
package dev.turnstile.local.audit;

import org.jspecify.annotations.NullMarked;
