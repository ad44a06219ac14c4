package dev.turnstile.local.server;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Data folders as a server's initialisation leaves them, made once and copied for each run: initialising takes seconds,
 * copying a fraction of one.
 */
final class Templates {

    private static final Duration INITIALISED_WITHIN = Duration.ofMinutes(2);

    /** How a server fills an empty data folder. */
    record Initialisation(List<String> command, Map<String, String> environment) {}

    /** The command that initialises a data folder. */
    @FunctionalInterface
    interface Initialiser {
        Initialisation of(Path emptyFolder);
    }

    private final ProjectFiles project;
    private final RunFolder run;

    Templates(ProjectFiles project, RunFolder run) {
        this.project = project;
        this.run = run;
    }

    /**
     * Copies the template into a folder; makes the template first if there is none.
     *
     * @param name of the template; another version or another initialisation must have another
     * @throws UserError if the initialisation fails
     */
    void copy(String name, Initialiser initialiser, Path into) {
        Path template = project.templates().resolve(name);
        try {
            if (!Files.isDirectory(template)) {
                Path fresh = run.temporary(name);
                initialise(name, initialiser.of(fresh));
                ProjectFiles.moveInPlace(fresh, template);
            }
            copyFolder(template, into);
        } catch (IOException e) {
            throw new UserError("can't prepare the data folder of " + name + ": " + e.getMessage(), e);
        }
    }

    private void initialise(String name, Initialisation initialisation) {
        ChildProcess.Spec task = new ChildProcess.Spec(
                "init-" + name,
                initialisation.command(),
                initialisation.environment(),
                run.logs(),
                process -> false,
                INITIALISED_WITHIN,
                Duration.ZERO);
        new ChildProcess(run, task).complete();
    }

    private static void copyFolder(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                Files.createDirectories(to.resolve(from.relativize(directory)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.copy(file, to.resolve(from.relativize(file)));
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
