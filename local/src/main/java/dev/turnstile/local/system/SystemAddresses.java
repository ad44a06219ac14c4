package dev.turnstile.local.system;

import dev.turnstile.local.project.UserError;
import dev.turnstile.local.server.ServerAddresses;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The addresses and processes of a running system. Written as JSON to {@code local/target/local/addresses.json}.
 *
 * @param apis base addresses of the APIs, number 0 first
 * @param servers Kafka, Redis and database
 * @param adminToken allows {@code PUT /v1/stocks/{id}}
 * @param launcherPid the process that started all others and ends them
 * @param pids process ids by name, in the order of their start: {@code kafka}, {@code api-0}, {@code worker-1}, …
 */
public record SystemAddresses(
        List<URI> apis, ServerAddresses servers, String adminToken, long launcherPid, Map<String, Long> pids) {

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** Copies the collections. */
    public SystemAddresses {
        apis = List.copyOf(apis);
        pids = Collections.unmodifiableMap(new LinkedHashMap<>(pids));
    }

    /**
     * Reads what {@link #write(Path)} wrote.
     *
     * @throws UserError if there is no such file or it holds something else
     */
    public static SystemAddresses read(Path file) {
        try {
            return MAPPER.readValue(Files.readAllBytes(file), SystemAddresses.class);
        } catch (IOException | JacksonException e) {
            throw new UserError("can't read " + file + ": is a system running (./turnstile up)?", e);
        }
    }

    /** Writes the file, whole or not at all. */
    void write(Path file) {
        try {
            Files.createDirectories(file.resolveSibling("."));
            Path fresh = Files.createTempFile(file.resolveSibling("."), "addresses", ".tmp");
            Files.write(fresh, MAPPER.writeValueAsBytes(this));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UserError("can't write " + file + ": " + e.getMessage(), e);
        }
    }
}
