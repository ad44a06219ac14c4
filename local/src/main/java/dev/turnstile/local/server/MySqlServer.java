package dev.turnstile.local.server;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.ReadyProbe;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One MySQL, or MariaDB where MySQL's program does not load, with its default durability and an empty schema
 * {@value #SCHEMA} that belongs to the user {@value #USER}.
 *
 * @param process to start, stop, kill, freeze it
 * @param port the same after each start
 * @param database which of the two it is
 */
public record MySqlServer(ChildProcess process, int port, Database database) {

    /** The schema. */
    static final String SCHEMA = "turnstile";
    /** Who may do everything. */
    static final String USER = "turnstile";
    /** Listens on loopback only, so this is no secret. */
    static final String PASSWORD = "turnstile";

    private static final String FIRST_STATEMENTS = """
            FLUSH PRIVILEGES;
            CREATE DATABASE %1$s CHARACTER SET utf8mb4;
            CREATE USER '%2$s'@'%%' IDENTIFIED BY '%3$s';
            GRANT ALL PRIVILEGES ON *.* TO '%2$s'@'%%';
            """.formatted(SCHEMA, USER, PASSWORD);

    private static final String CHOICE = "--database mysql or mariadb chooses, --mysql-url names a server of your own";

    /** Options of both databases, at initialisation and at each start. */
    private record Program(Path home, Path executable, Map<String, String> environment) {}

    /**
     * Chooses the database by trying and prepares its data folder.
     *
     * @param wanted the one to take, or null for MySQL if it loads and else MariaDB
     * @param notices receives one line if it is not MySQL though the other was not requested
     * @param options further ones; of an option that is there twice the last one counts
     * @throws UserError if the program does not load
     */
    static MySqlServer prepare(
            Binaries binaries,
            RunFolder run,
            Templates templates,
            int port,
            @Nullable Database wanted,
            Consumer<String> notices,
            String... options) {
        Database database = wanted == null ? Database.MYSQL : wanted;
        String problem = whyItDoesNotLoad(database, binaries);
        if (problem != null && wanted == null) {
            notices.accept(problem + ": the database is " + Database.MARIADB.title() + "; " + CHOICE);
            database = Database.MARIADB;
            problem = whyItDoesNotLoad(database, binaries);
        }
        if (problem != null) {
            throw new UserError(problem + "; " + CHOICE);
        }
        return prepare(program(database, binaries), database, run, templates, port, options);
    }

    /**
     * Tries the program of a database.
     *
     * @return why it does not load on this machine, in a few words that name it; null if it loads
     */
    static @Nullable String whyItDoesNotLoad(Database database, Binaries binaries) {
        String problem = problemOf(program(database, binaries));
        return problem == null ? null : database.title() + " does not load here (" + problem + ")";
    }

    private static Program program(Database database, Binaries binaries) {
        return switch (database) {
            case MYSQL -> {
                Path home = binaries.mySql();
                Map<String, String> environment = Platform.current() == Platform.LINUX_X64
                        ? Map.of("LD_LIBRARY_PATH", binaries.libaio().toString())
                        : Map.of();
                yield new Program(home, home.resolve("bin/mysqld"), environment);
            }
            case MARIADB -> {
                Path home = binaries.mariaDb();
                yield new Program(home, home.resolve("bin/mariadbd"), Map.of());
            }
        };
    }

    private static @Nullable String problemOf(Program program) {
        ProcessBuilder builder = new ProcessBuilder(program.executable().toString(), "--no-defaults", "--version");
        builder.redirectErrorStream(true).environment().putAll(program.environment());
        try {
            Process process = builder.start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            return code == 0
                    ? null
                    : output.lines()
                            .filter(line -> !line.isBlank())
                            .findFirst()
                            .map(line -> line.replace(program.executable() + ": ", ""))
                            .orElse("it ends with code " + code);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError("interrupted while " + program.executable() + " was tried", e);
        }
    }

    private static MySqlServer prepare(
            Program program, Database database, RunFolder run, Templates templates, int port, String... options) {
        Path data = run.data("mysql");
        templates.copy(
                program.home().getFileName().toString(), folder -> initialisation(program, database, folder), data);
        List<String> command = command(program, data);
        command.addAll(List.of(
                "--bind-address=127.0.0.1",
                "--port=" + port,
                // Relative to the data folder: the path of a socket must be short.
                "--socket=mysql.sock"));
        switch (database) {
            case MYSQL ->
                command.addAll(List.of(
                        "--mysqlx=OFF",
                        "--tls-version=",
                        "--performance-schema=OFF",
                        // Threads of their own for the redo log are for many cores: with few, each commit wakes all.
                        "--innodb-log-writer-threads=OFF"));
            case MARIADB -> command.add("--skip-ssl");
        }
        command.addAll(List.of(options));
        ChildProcess.Spec spec = new ChildProcess.Spec(
                "mysql",
                run.background(command),
                program.environment(),
                data,
                ReadyProbe.mySqlGreeting(port),
                Duration.ofSeconds(60),
                Duration.ofSeconds(20));
        return new MySqlServer(new ChildProcess(run, spec), port, database);
    }

    private static Templates.Initialisation initialisation(Program program, Database database, Path folder) {
        Path statements = folder.resolveSibling(folder.getFileName() + ".sql");
        try {
            Files.writeString(statements, FIRST_STATEMENTS);
        } catch (IOException e) {
            throw new UserError("can't write " + statements + ": " + e.getMessage(), e);
        }
        List<String> command =
                switch (database) {
                    case MYSQL -> {
                        List<String> mysqld = command(program, folder);
                        mysqld.addAll(List.of("--initialize-insecure", "--init-file=" + statements));
                        yield mysqld;
                    }
                    case MARIADB -> {
                        List<String> script = new ArrayList<>(List.of("sh"));
                        script.addAll(
                                command(program.home().resolve("scripts/mariadb-install-db"), program.home(), folder));
                        script.addAll(List.of(
                                "--auth-root-authentication-method=normal",
                                "--skip-name-resolve",
                                "--skip-test-db",
                                "--extra-file=" + statements));
                        yield script;
                    }
                };
        return new Templates.Initialisation(command, program.environment());
    }

    private static List<String> command(Program program, Path data) {
        List<String> command = command(program.executable(), program.home(), data);
        command.add("--innodb-use-native-aio=0");
        return command;
    }

    private static List<String> command(Path executable, Path home, Path data) {
        List<String> command = new ArrayList<>(
                List.of(executable.toString(), "--no-defaults", "--basedir=" + home, "--datadir=" + data));
        if (System.getProperty("user.name").equals("root")) {
            command.add("--user=root");
        }
        return command;
    }

    /** Its address for JDBC, of the schema {@value #SCHEMA}; not encrypted, as it does not leave the machine. */
    public String jdbcUrl() {
        return "jdbc:mysql://127.0.0.1:" + port + "/" + SCHEMA + "?sslMode=DISABLED&allowPublicKeyRetrieval=true";
    }
}
