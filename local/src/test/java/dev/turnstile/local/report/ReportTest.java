package dev.turnstile.local.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.local.demo.DemoResult;
import dev.turnstile.local.demo.HostInfo;
import dev.turnstile.local.demo.ModeResult;
import dev.turnstile.local.demo.Scene;
import dev.turnstile.order.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportTest {

    private static final HostInfo MACHINE = new HostInfo(2, 24_000, "Linux 6.1 amd64", "Debian 17.0.15");
    private static final Pattern DATA =
            Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL);

    @Test
    void jsonReadsBackAsItWasWritten(@TempDir Path folder) throws IOException {
        DemoResult result = result("MySQL 8.0.31", scene(Mode.DISTRIBUTED, 20), scene(Mode.FAIR, 20));
        Path file = folder.resolve("new").resolve("result.json");

        ResultJson.write(result, file);

        assertThat(ResultJson.read(file)).isEqualTo(result);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 1_000})
    void pageHoldsEveryOrderOfEveryMode(int users) throws IOException {
        String html =
                HtmlReport.render(result("MySQL 8.0.31", scene(Mode.DISTRIBUTED, users), scene(Mode.FAIR, users)));

        JsonNode modes = data(html).path("modes");
        assertThat(modes.size()).isEqualTo(2);
        assertThat(modes.path(1).path("mode").asString()).isEqualTo("fair");
        for (JsonNode mode : modes) {
            assertThat(mode.path("points").size()).isEqualTo(users);
            assertThat(mode.path("points").path(users - 1).path("fate").asString())
                    .isEqualTo("REFUSED");
            assertThat(mode.path("points").path(0).path("fate").asString()).isEqualTo("FULFILLED");
        }
    }

    @Test
    void pageNeedsNoNetwork() throws IOException {
        String html = HtmlReport.render(result("MySQL 8.0.31", scene(Mode.FAIR, 3)));

        assertThat(html)
                .contains("Chart.js v")
                .doesNotContain("/*chart-library*/")
                .doesNotContain("/*data*/");
        assertThat(html).doesNotContainPattern("(src|href)=\"?http").doesNotContain("sourceMappingURL");
    }

    @Test
    void noTextCanLeaveTheDataItStandsIn() throws IOException {
        String hostile = "</script><script>alert('x')</script>";

        String html = HtmlReport.render(result(hostile, scene(Mode.FAIR, 3)));

        assertThat(html).doesNotContain(hostile);
        assertThat(data(html).path("summary").path("setup").asString()).contains(hostile);
    }

    @Test
    void tableIsAlignedAndPlain() {
        String text =
                TerminalReport.render(result("MySQL 8.0.31", scene(Mode.DISTRIBUTED, 1_000), scene(Mode.FAIR, 1_000)));

        List<String> lines = text.lines().toList();
        int rule = lines.indexOf(lines.stream()
                .filter(line -> line.startsWith("---"))
                .findFirst()
                .orElseThrow());
        List<String> table = lines.subList(rule - 1, lines.indexOf("fair took 1.00 times as long as distributed") - 1);
        assertThat(table)
                .extracting(String::length)
                .containsOnly(lines.get(rule).length());
        assertThat(table.get(0)).endsWith("fair").contains("distributed");
        assertThat(text).matches("[\\x20-\\x7e\\n]*").contains("All 17 expectations held");
    }

    @Test
    void everyFailureIsNamedOnTheTerminal() {
        DemoResult result = result(
                "MySQL 8.0.31",
                scene(Mode.FAIR, 10),
                new Scene(Mode.DISTRIBUTED, 10, 9).storedStock(1, 5).judged());

        assertThat(result.held()).isFalse();
        assertThat(TerminalReport.render(result))
                .contains("1 of 17 expectations failed")
                .contains("FAILED  distributed: stored stock at the end: expected 0 of each product, was 5, 0, 0");
    }

    private static ModeResult scene(Mode mode, int users) {
        return new Scene(mode, users, users * 9 / 10).judged();
    }

    private static DemoResult result(String database, ModeResult... modes) {
        DemoResult.Setup setup = new DemoResult.Setup(1_000, 900, 3, 2, 2_000, 1, 2, "product", database);
        return DemoResult.of(Instant.parse("2026-01-01T12:00:00Z"), setup, MACHINE, List.of(modes));
    }

    private static JsonNode data(String html) {
        Matcher matcher = DATA.matcher(html);
        assertThat(matcher.find()).isTrue();
        return JsonMapper.shared().readTree(matcher.group(1));
    }
}
