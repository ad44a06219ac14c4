package dev.turnstile.local.project;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where in the built project everything lies. All that is written lies under {@code local/target}. */
public final class ProjectFiles {

    private final Path root;

    /** The project in this folder. */
    public ProjectFiles(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /**
     * The project that this class was loaded from: its jar and its folder of classes both lie in {@code local/target}.
     *
     * @throws UserError if the class comes from elsewhere
     */
    public static ProjectFiles locate() {
        try {
            Path code = Path.of(ProjectFiles.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Path target = code.getParent();
            if (target != null && target.endsWith("local/target")) {
                return new ProjectFiles(target.resolve("../.."));
            }
            throw new UserError(
                    "Turnstile was started from " + code + ", which is not in its project: start it with ./turnstile");
        } catch (URISyntaxException e) {
            throw new IllegalStateException("a code source is a file", e);
        }
    }

    /** The root of the project. */
    public Path root() {
        return root;
    }

    /**
     * The executable jar of a module.
     *
     * @throws UserError if the module is not built
     */
    public Path applicationJar(String module) {
        String name = "turnstile-" + module + "-";
        Path folder = root.resolve(module).resolve("target");
        List<Path> jars = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, name + "*.jar")) {
            files.forEach(jars::add);
        } catch (NoSuchFileException e) {
            throw notBuilt(folder.resolve(name + "*.jar"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return jars.stream()
                .filter(jar -> !jar.toString().endsWith("-sources.jar")
                        && !jar.toString().endsWith("-tests.jar"))
                .findFirst()
                .orElseThrow(() -> notBuilt(folder.resolve(name + "*.jar")));
    }

    /**
     * The archives with the servers' programs, as Maven brought them.
     *
     * @throws UserError if this one is not there
     */
    public Path archive(String name) {
        Path archive = target().resolve("archives").resolve(name);
        if (!Files.isRegularFile(archive)) {
            throw notBuilt(archive);
        }
        return archive;
    }

    /**
     * The class path of the Kafka broker: its logging configuration and the folder with its jars.
     *
     * @throws UserError if the jars are not there
     */
    public String kafkaClassPath() {
        Path jars = root.resolve("local/kafka/target/lib");
        if (!Files.isDirectory(jars)) {
            throw notBuilt(jars);
        }
        return root.resolve("local/kafka/config") + System.getProperty("path.separator") + jars + "/*";
    }

    /** Where the programs from the archives are unpacked, once. */
    public Path binaries() {
        return target().resolve("binaries");
    }

    /** Where freshly initialised data folders are kept, to be copied. */
    public Path templates() {
        return target().resolve("templates");
    }

    /** Where the API and the worker are unpacked, once after each build. */
    public Path applications() {
        return target().resolve("applications");
    }

    /** What the runs of chaos leave, a folder for each seed. */
    public Path chaos() {
        return target().resolve("chaos");
    }

    /** One folder for each launcher that runs. */
    public Path runs() {
        return target().resolve("runs");
    }

    /** The file with a running system's addresses. */
    public Path addresses() {
        return target().resolve("local").resolve("addresses.json");
    }

    private Path target() {
        return root.resolve("local/target");
    }

    private UserError notBuilt(Path missing) {
        return new UserError(
                root.relativize(missing) + " is missing: build the project with ./mvnw -DskipTests package");
    }

    /**
     * Renames a finished folder to its place, unless another launcher has just put the same there.
     *
     * @throws IOException if that fails
     */
    public static void moveInPlace(Path folder, Path place) throws IOException {
        Files.createDirectories(place.resolveSibling("."));
        try {
            Files.move(folder, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (!Files.isDirectory(place)) {
                throw e;
            }
        }
    }

    /**
     * Deletes a folder with all that is in it; files that vanish meanwhile don't matter.
     *
     * @throws UncheckedIOException if something can't be deleted
     */
    public static void deleteFolder(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw e;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                    if (e != null) {
                        throw e;
                    }
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("can't delete " + folder, e);
        }
    }
}
