/** What a worker tells of itself to whoever watches the whole system. */
@NullMarked
package dev.turnstile.worker.report;

import org.jspecify.annotations.NullMarked;
