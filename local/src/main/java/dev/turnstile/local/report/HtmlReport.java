package dev.turnstile.local.report;

import dev.turnstile.local.demo.Answer.Told;
import dev.turnstile.local.demo.BuyerRecord;
import dev.turnstile.local.demo.DemoResult;
import dev.turnstile.local.demo.Expectation;
import dev.turnstile.local.demo.Plan;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Outcome;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The result as one page that needs no network: the figures, and for each mode the order of requests against the order
 * of commits and of answers. The page's script draws everything from the JSON that is put into it, as text and never as
 * markup.
 */
public final class HtmlReport {

    private static final String TEMPLATE = "/report/report.html";
    private static final String LIBRARY_PROPERTIES = "/META-INF/maven/org.webjars.npm/chart.js/pom.properties";
    private static final String LIBRARY = "/META-INF/resources/webjars/chart.js/%s/dist/chart.umd.min.js";
    private static final JsonMapper JSON = JsonMapper.shared();

    private HtmlReport() {}

    /**
     * Writes the page; missing folders are made, an existing file is replaced.
     *
     * @throws IOException if it can't be written
     */
    public static void write(DemoResult result, Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, render(result));
    }

    static String render(DemoResult result) throws IOException {
        Page page = new Page(
                result.date(),
                result.held(),
                result.setup().gapMs() >= Plan.TELLING_GAP.toMillis(),
                Summary.of(result),
                result.modes().stream()
                        .map(mode -> new Plots(
                                mode.mode(),
                                mode.held(),
                                mode.figures().refusedAtDoor(),
                                mode.expectations(),
                                mode.buyers().stream().map(Point::of).toList()))
                        .toList());
        String template = resource(TEMPLATE);
        // In JSON a "<" only stands inside strings; escaped, no text can end the script element it is in.
        String data = JSON.writeValueAsString(page).replace("<", "\\u003c");
        return template.replace("/*chart-library*/", chartLibrary()).replace("/*data*/", data);
    }

    private static String chartLibrary() throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(resource(LIBRARY_PROPERTIES)));
        String script = resource(LIBRARY.formatted(properties.getProperty("version")));
        // Without its source map, which a browser's tools would request from the network.
        return script.lines()
                .filter(line -> !line.startsWith("//# sourceMappingURL="))
                .collect(Collectors.joining("\n"));
    }

    private static String resource(String name) throws IOException {
        try (InputStream content = HtmlReport.class.getResourceAsStream(name)) {
            if (content == null) {
                throw new FileNotFoundException("not on the class path: " + name);
            }
            return new String(content.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /**
     * What the page's script reads; without {@code sendOrderTells} it says that the order of sending proves nothing.
     */
    private record Page(String date, boolean held, boolean sendOrderTells, Summary summary, List<Plots> modes) {}

    private record Plots(
            Mode mode, boolean held, int refusedAtDoor, List<Expectation> expectations, List<Point> points) {}

    /** One order in the plots of its mode; a rank that is null is not drawn. */
    private record Point(
            int send,
            @Nullable Integer acceptance,
            @Nullable Integer commit,
            @Nullable Integer completion,
            Fate fate,
            int api,
            @Nullable UUID orderId,
            @Nullable Long ticket,
            @Nullable Double latencyMs) {

        static Point of(BuyerRecord buyer) {
            Long answered = buyer.answeredNanos();
            return new Point(
                    buyer.sendRank(),
                    buyer.acceptanceRank(),
                    buyer.commitRank(),
                    buyer.completionRank(),
                    Fate.of(buyer),
                    buyer.api(),
                    buyer.orderId(),
                    buyer.ticket(),
                    answered == null ? null : (answered - buyer.sentNanos()) / 1e6);
        }
    }

    /** How an order is marked. */
    private enum Fate {
        FULFILLED,
        REFUSED,
        OTHER;

        static Fate of(BuyerRecord buyer) {
            if (Outcome.FULFILLED.equals(buyer.status())) {
                return FULFILLED;
            }
            boolean atDoor = buyer.status() == null && buyer.told() == Told.REFUSED;
            return atDoor || Outcome.OUT_OF_STOCK.equals(buyer.status()) ? REFUSED : OTHER;
        }
    }
}
