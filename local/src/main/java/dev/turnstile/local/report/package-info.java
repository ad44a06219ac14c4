/** What people and programs read after an experiment: a table on the terminal, a page and a JSON file. */
@NullMarked
package dev.turnstile.local.report;

import org.jspecify.annotations.NullMarked;
