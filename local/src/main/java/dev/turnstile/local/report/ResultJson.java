package dev.turnstile.local.report;

import dev.turnstile.local.demo.DemoResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The whole result of a command as JSON for programs; of a demo every user's order included. */
public final class ResultJson {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private ResultJson() {}

    /**
     * Writes a result; missing folders are made, an existing file is replaced.
     *
     * @throws IOException if it can't be written
     */
    public static void write(Object result, Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, JSON.writeValueAsBytes(result));
    }

    /**
     * Reads a result that was written here.
     *
     * @throws IOException if it can't be read
     */
    public static DemoResult read(Path file) throws IOException {
        return JSON.readValue(Files.readAllBytes(file), DemoResult.class);
    }
}
