package dev.turnstile.local.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Holds {@code docs/configuration.md} to the metadata of the properties. */
class ConfigurationDocsTest {

    @Test
    void everyPropertyHasADescriptionAndALineAndNoLineIsWithoutProperty() throws IOException {
        Path root = ProjectFiles.locate().root();
        String page = Files.readString(root.resolve("docs/configuration.md"));
        TreeSet<String> properties = new TreeSet<>();
        for (JsonNode property : PropertyMetadata.read(root)) {
            String name = property.path("name").asString();
            properties.add(name);
            assertThat(property.path("description").asString(""))
                    .as("description of " + name)
                    .isNotEmpty();
            JsonNode byDefault = property.path("defaultValue");
            assertThat(page)
                    .as("line of " + name + " with its default")
                    .contains("| `" + name + "` | " + (byDefault.isMissingNode() ? "" : "`" + byDefault.asString()));
        }
        assertThat(properties).isNotEmpty();
        TreeSet<String> described = new TreeSet<>();
        page.lines()
                .filter(line -> line.startsWith("| `turnstile.") && line.split("\\|").length == 4)
                .forEach(line -> described.add(line.substring(3, line.indexOf('`', 3))));
        assertThat(described).isEqualTo(properties);
    }
}
