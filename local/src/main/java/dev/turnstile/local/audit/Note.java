package dev.turnstile.local.audit;

import java.util.Locale;

/** Remarks of an audit that are no violations. */
public enum Note {
    /** The exceptions that the ledger recorded. */
    OVERTAKEN("orders recorded as overtaken by a later ticket"),
    /** Work in progress. */
    WAITING("orders that wait in a topic"),
    /** After a loss of Redis, or before the first order. */
    NOT_CACHED("products without a cache entry"),
    /** What there is nothing to say about. */
    NOT_THERE("parts of the system that do not exist yet");

    private final String meaning;

    Note(String meaning) {
        this.meaning = meaning;
    }

    /** Its name for people and programs. */
    public String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The remark, in one line. */
    public String meaning() {
        return meaning;
    }
}
