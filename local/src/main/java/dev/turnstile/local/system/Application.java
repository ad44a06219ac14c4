package dev.turnstile.local.system;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.Jcmd;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.CRC32;

/**
 * An executable Spring Boot jar, unpacked, so that it goes on undisturbed when the jar is built anew; and what the JVM
 * has made of its classes, kept by the first process that ran it (JEP 350, class data sharing): the next ones start
 * with half of the work.
 */
final class Application {

    private static final String CLASSES = "BOOT-INF/classes/";
    private static final String LIBRARIES = "BOOT-INF/lib/";

    /** Of one application, the one in use and one that another launcher may still run. */
    private static final int KEPT = 2;

    private static final Duration ARCHIVED_WITHIN = Duration.ofMinutes(1);

    private final Path folder;
    private final String mainClass;

    private Application(Path folder, String mainClass) {
        this.folder = folder;
        this.mainClass = mainClass;
    }

    /**
     * Unpacks a jar, unless one with the same content was unpacked before.
     *
     * @param run where it is unpacked, before it goes to its place
     * @param applications the folder that holds all that were unpacked
     * @throws UserError if that fails
     */
    static Application unpack(Path jar, RunFolder run, Path applications) {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            String mainClass =
                    manifest == null ? null : manifest.getMainAttributes().getValue("Start-Class");
            if (mainClass == null) {
                throw new IOException("it is not an executable Spring Boot jar");
            }
            String name = mainClass.substring(mainClass.lastIndexOf('.') + 1);
            Path folder = applications.resolve(name + "-" + Long.toHexString(contentOf(file)));
            if (!Files.isDirectory(folder)) {
                Path fresh = run.temporary(name);
                unpack(file, fresh);
                ProjectFiles.moveInPlace(fresh, folder);
            }
            Files.setLastModifiedTime(folder, FileTime.fromMillis(System.currentTimeMillis()));
            deleteOld(applications, name + "-");
            return new Application(folder, mainClass);
        } catch (IOException e) {
            throw new UserError("can't unpack " + jar + ": " + e.getMessage() + "; rebuild it with ./mvnw package", e);
        }
    }

    private static long contentOf(JarFile file) {
        CRC32 content = new CRC32();
        for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements(); ) {
            JarEntry entry = entries.nextElement();
            content.update(entry.getName().getBytes(StandardCharsets.UTF_8));
            content.update(ByteBuffer.allocate(Long.BYTES).putLong(0, entry.getCrc()));
        }
        return content.getValue();
    }

    private static void unpack(JarFile file, Path folder) throws IOException {
        Path libraries = Files.createDirectories(folder.resolve("lib"));
        // A folder of classes would keep the JVM from using an archive.
        try (OutputStream out = Files.newOutputStream(folder.resolve("classes.jar"));
                JarOutputStream classes = new JarOutputStream(out)) {
            for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements(); ) {
                JarEntry entry = entries.nextElement();
                String name = entry.getName();
                try (InputStream in = file.getInputStream(entry)) {
                    if (name.startsWith(CLASSES) && !name.equals(CLASSES)) {
                        classes.putNextEntry(new JarEntry(name.substring(CLASSES.length())));
                        in.transferTo(classes);
                    } else if (name.startsWith(LIBRARIES) && !entry.isDirectory()) {
                        Files.copy(in, libraries.resolve(name.substring(LIBRARIES.length())));
                    }
                }
            }
        }
    }

    private static void deleteOld(Path applications, String prefix) throws IOException {
        List<Path> unpacked = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(applications, prefix + "*")) {
            folders.forEach(unpacked::add);
        }
        unpacked.sort(Comparator.comparingLong((Path folder) -> folder.toFile().lastModified())
                .reversed());
        unpacked.stream().skip(KEPT).forEach(ProjectFiles::deleteFolder);
    }

    /** The arguments of {@code java} that start it. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        if (isArchived()) {
            arguments.add("-XX:SharedArchiveFile=" + archive());
        }
        arguments.addAll(List.of(
                "-cp", folder.resolve("classes.jar") + File.pathSeparator + folder.resolve("lib") + "/*", mainClass));
        return arguments;
    }

    /**
     * Returns the arguments of the process whose classes will be archived. Its start takes longer, unless there is an
     * archive already.
     */
    List<String> firstArguments() {
        List<String> arguments = arguments();
        if (!isArchived()) {
            // without the JVM's remark at its end that nothing was archived: it would hide the application's last line
            arguments.addAll(0, List.of("-XX:+RecordDynamicDumpInfo", "-Xlog:cds*=off"));
        }
        return arguments;
    }

    /** Whether the next processes will start sooner. */
    boolean isArchived() {
        return Files.exists(archive());
    }

    /**
     * Begins to archive the classes of a process that was started with {@link #firstArguments()}.
     *
     * @throws IOException if that is not possible
     */
    Archiving archive(ChildProcess first) throws IOException {
        Path unfinished = archive().resolveSibling(ProcessHandle.current().pid() + ".jsa");
        return new Archiving(unfinished, Jcmd.give(first, "VM.cds", "dynamic_dump", unfinished.toString()));
    }

    /** An archive that is being written. */
    final class Archiving {

        private final Path unfinished;
        private final Jcmd command;

        private Archiving(Path unfinished, Jcmd command) {
            this.unfinished = unfinished;
            this.command = command;
        }

        /**
         * Waits until it can be used.
         *
         * @throws IOException if it was not written
         */
        void await() throws IOException, InterruptedException {
            command.await(ARCHIVED_WITHIN);
            Files.move(unfinished, archive(), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Another Java can't use it. */
    private Path archive() {
        return folder.resolve("classes-" + System.getProperty("java.vm.version") + ".jsa");
    }
}
