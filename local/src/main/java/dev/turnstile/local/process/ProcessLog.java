package dev.turnstile.local.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a process wrote to its standard output and error since one of its starts.
 *
 * @param file where it stands
 */
public record ProcessLog(Path file) {

    /** Whether the text stands anywhere in the log. */
    public boolean contains(String text) {
        return read().contains(text);
    }

    /** The last lines that are not blank, at most so many. */
    public List<String> lastLines(int count) {
        List<String> lines = read().lines().filter(line -> !line.isBlank()).toList();
        return lines.subList(Math.max(0, lines.size() - count), lines.size());
    }

    private String read() {
        try {
            return Files.exists(file) ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
