package dev.turnstile.local.demo;

/**
 * Something that must be true after an experiment, and whether it is.
 *
 * @param claim what must be true
 * @param held whether it is
 * @param figures what was seen
 */
public record Expectation(String claim, boolean held, String figures) {}
