/**
 * The classic way to do what Turnstile does, as it is often written on Node.js: an order goes to Kafka first and takes
 * its place where it is consumed. A contender of the benchmark, and no part of Turnstile.
 */
@NullMarked
package dev.turnstile.local.bench.classic;

import org.jspecify.annotations.NullMarked;
