package dev.turnstile.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.proof.Proofs;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Builds copies of the project in which a protocol is broken, and has {@code turnstile chaos} find that out. */
class BrokenBuildsIT {

    private static final Set<String> NOT_COPIED = Set.of("target", ".git");
    private static final long BUILD_AND_RUN_MINUTES = 10;
    private static final String FAIR_DECIDER = "worker/src/main/java/dev/turnstile/worker/fair/FairDecider.java";
    private static final String DISTRIBUTED_DECIDER =
            "worker/src/main/java/dev/turnstile/worker/distributed/DistributedDecider.java";
    private static final String LEDGER = "common/src/main/java/dev/turnstile/stock/JdbcLedger.java";

    private static final String REDIS = "common/src/main/resources/redis/";

    private record Edit(String file, String text, String replacement) {

        String broken(Path project) throws IOException {
            String source = Files.readString(project.resolve(file));
            assertThat(source).as(file).containsOnlyOnce(text);
            return source.replace(text, replacement);
        }

        void make(Path project) throws IOException {
            Files.writeString(project.resolve(file), broken(project));
        }
    }

    private record BrokenBuild(String name, List<Edit> edits) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<BrokenBuild> builds() {
        return Stream.of(
                new BrokenBuild(
                        "the line is released before the commit",
                        List.of(new Edit(
                                FAIR_DECIDER,
                                "            Optional<DecidedRun> decided = decide(run.claim());\n",
                                """
                                            await(head.turn(FinishedRun.decided(run.claim(), List.of()), 0));
                                            Optional<DecidedRun> decided = decide(run.claim());
                                """))),
                new BrokenBuild(
                        "Redlock is released before the commit, and the fence is off",
                        List.of(
                                new Edit(
                                        DISTRIBUTED_DECIDER,
                                        "            return runs.decide(new Run(Run.Guard.LOCK",
                                        """
                                                    lock.releaseEach(components.stream().map(Answered::lease).toList())
                                                            .toCompletableFuture()
                                                            .join();
                                                    return runs.decide(new Run(Run.Guard.LOCK"""),
                                new Edit(
                                        DISTRIBUTED_DECIDER,
                                        "requireNonNull(component.lease()).isHeld()",
                                        "component.lease() != null"),
                                new Edit(
                                        LEDGER,
                                        "if (run.fence(row.productId()) <= row.fence(run.guard()))",
                                        "if (run.fence(row.productId()) < 0)"),
                                new Edit(LEDGER, "fence + \" < VALUES(\"", "fence + \" <> VALUES(\""))),
                new BrokenBuild(
                        "the line forgets the keys of requests",
                        List.of(new Edit(REDIS + "line-draw.lua", "if #newRequests > 0 then", "if false then"))));
    }

    /** In every build, so that the proofs find what they break. */
    @ParameterizedTest
    @MethodSource("builds")
    void breakWhatIsThere(BrokenBuild build) throws IOException {
        for (Edit edit : build.edits()) {
            assertThat(edit.broken(ProjectFiles.locate().root())).contains(edit.replacement());
        }
    }

    @ParameterizedTest
    @Tag(Proofs.TAG)
    @MethodSource("builds")
    void areCaught(BrokenBuild build, @TempDir Path copy, TestReporter reporter) throws Exception {
        copy(ProjectFiles.locate().root(), copy);
        for (Edit edit : build.edits()) {
            edit.make(copy);
        }
        Path output = copy.resolve("chaos.log");
        Process chaos = new ProcessBuilder(
                        "./turnstile", "chaos", "--seed", "1", "--minutes", "1.5", "--faults", "hold-row,kill-sql,slow")
                .directory(copy.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(chaos.waitFor(BUILD_AND_RUN_MINUTES, TimeUnit.MINUTES))
                    .as("is over in time")
                    .isTrue();
        } finally {
            chaos.destroy();
            chaos.waitFor(1, TimeUnit.MINUTES);
        }
        Path result = copy.resolve("local/target/chaos/1/result.json");
        assertThat(result).as(Files.readString(output)).exists();
        JsonNode violations =
                JsonMapper.shared().readTree(Files.readString(result)).path("violations");
        Proofs.show(
                reporter,
                "Chaos catches a build in which " + build.name(),
                violations.size() + " violations, the first: "
                        + violations.path(0).asString("none"));
        assertThat(violations).as(Files.readString(output)).isNotEmpty();
        assertThat(chaos.exitValue()).isEqualTo(1);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                if (NOT_COPIED.contains(folder.getFileName().toString())) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                Files.createDirectories(to.resolve(from.relativize(folder)));
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
