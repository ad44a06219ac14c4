package dev.turnstile.local.project;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The metadata of our properties, as the build made it. */
final class PropertyMetadata {

    private PropertyMetadata() {}

    /** Of all modules; a property that two of them have is there twice. */
    static List<JsonNode> read(Path root) {
        List<JsonNode> properties = new ArrayList<>();
        for (String module : List.of("common", "api", "worker")) {
            Path metadata = root.resolve(module + "/target/classes/META-INF/spring-configuration-metadata.json");
            JsonMapper.shared().readTree(metadata.toFile()).path("properties").forEach(properties::add);
        }
        return properties;
    }
}
