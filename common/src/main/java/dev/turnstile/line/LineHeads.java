package dev.turnstile.line;

/** Makes a worker's view of the line. */
@FunctionalInterface
public interface LineHeads {

    /**
     * The line as one worker sees it.
     *
     * @param worker its name, unique among all workers of the line
     */
    LineHead of(String worker);
}
