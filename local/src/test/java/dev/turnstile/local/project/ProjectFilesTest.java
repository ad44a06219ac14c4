package dev.turnstile.local.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProjectFilesTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    @Test
    void findsItsProjectByWhereItsClassesLie() {
        assertThat(ProjectFiles.locate().root().resolve("local/pom.xml")).exists();
    }

    @Test
    void findsTheExecutableJarAmongOthers() throws IOException {
        Path target = Files.createDirectories(root.resolve("api/target"));
        Files.createFile(target.resolve("turnstile-api-1.0-sources.jar"));
        Files.createFile(target.resolve("turnstile-api-1.0.jar.original"));
        Path jar = Files.createFile(target.resolve("turnstile-api-1.0.jar"));

        assertThat(new ProjectFiles(root).applicationJar("api")).isEqualTo(jar);
    }

    @Test
    void whatIsNotBuiltIsOneLineThatTellsHowToBuildIt() {
        ProjectFiles project = new ProjectFiles(root);

        assertThatThrownBy(() -> project.applicationJar("api"))
                .isInstanceOf(UserError.class)
                .hasMessage("api/target/turnstile-api-*.jar is missing: build the project with"
                        + " ./mvnw -DskipTests package");
        assertThatThrownBy(() -> project.archive("redis.jar"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("local/target/archives/redis.jar is missing");
        assertThatThrownBy(project::kafkaClassPath)
                .isInstanceOf(UserError.class)
                .hasMessageContaining("local/kafka/target/lib is missing");
    }

    @Test
    void deletesAFolderThatMayBeGone() throws IOException {
        Path folder = Files.createDirectories(root.resolve("a/b"));
        Files.createFile(folder.resolve("c"));

        ProjectFiles.deleteFolder(root.resolve("a"));
        ProjectFiles.deleteFolder(root.resolve("a"));

        assertThat(root.resolve("a")).doesNotExist();
    }
}
