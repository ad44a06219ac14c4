/** The reports of a worker about itself, for the live view of the system. */
@NullMarked
package dev.turnstile.worker.report;

import org.jspecify.annotations.NullMarked;
