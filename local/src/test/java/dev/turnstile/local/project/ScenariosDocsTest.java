package dev.turnstile.local.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/scenarios.md} to the tests that it names. */
class ScenariosDocsTest {

    private static final Pattern ROW = Pattern.compile("\\| (\\d+[a-z]?) \\| .+ \\| (.+) \\|");
    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT))\\.(\\w+)`(°?)");

    private final Path root = ProjectFiles.locate().root();

    @Test
    void everyScenarioHasARowAndEveryTestThatARowNamesIsThere() throws IOException {
        List<String> numbers = new ArrayList<>();
        for (String line : Files.readAllLines(root.resolve("docs/scenarios.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                numbers.add(row.group(1));
                checkTests(row.group(1), row.group(2));
            }
        }
        List<String> expected = new ArrayList<>(
                IntStream.rangeClosed(1, 53).mapToObj(String::valueOf).toList());
        expected.addAll(expected.indexOf("22"), List.of("21a", "21b", "21c"));
        expected.addAll(expected.indexOf("36"), List.of("35a", "35b", "35c", "35d", "35e", "35f"));
        assertThat(numbers).isEqualTo(expected);
    }

    /** The table of what the database says, for one. */
    @Test
    void everyTestThatAnyPageNamesIsThere() throws IOException {
        List<String> missing = new ArrayList<>();
        int named = 0;
        try (Stream<Path> files = Files.walk(root.resolve("docs"))) {
            for (Path page :
                    files.filter(file -> file.toString().endsWith(".md")).toList()) {
                Matcher test = TEST.matcher(Files.readString(page));
                while (test.find()) {
                    named++;
                    if (!source(test.group(1)).contains("    void " + test.group(2) + "(")) {
                        missing.add(page.getFileName() + ": " + test.group(1) + "." + test.group(2));
                    }
                }
            }
        }
        assertThat(missing).isEmpty();
        assertThat(named).isGreaterThan(100);
    }

    private void checkTests(String number, String tests) throws IOException {
        Matcher test = TEST.matcher(tests);
        boolean named = false;
        while (test.find()) {
            named = true;
            String source = source(test.group(1));
            Matcher method = Pattern.compile("(?:    [@ ].*\\n)+    void " + test.group(2) + "\\(")
                    .matcher(source);
            assertThat(method.find())
                    .as("scenario %s: %s in %s", number, test.group(2), test.group(1))
                    .isTrue();
            assertThat(method.group().contains("@Tag(Proofs.TAG)"))
                    .as("scenario %s: %s runs with the profile proofs only", number, test.group(2))
                    .isEqualTo(!test.group(3).isEmpty());
        }
        assertThat(named || tests.startsWith("Open"))
                .as("scenario %s names a test or is open", number)
                .isTrue();
    }

    private String source(String className) throws IOException {
        for (String module : List.of("common", "api", "worker", "local")) {
            try (Stream<Path> files = Files.walk(root.resolve(module).resolve("src/test/java"))) {
                Path file = files.filter(path -> path.getFileName().toString().equals(className + ".java"))
                        .findFirst()
                        .orElse(null);
                if (file != null) {
                    return Files.readString(file);
                }
            }
        }
        throw new AssertionError("there is no test " + className);
    }
}
