package dev.turnstile.local.report;

import dev.turnstile.local.demo.DemoResult;
import java.util.List;
import java.util.stream.IntStream;

/** The result as an aligned table of plain text, for terminals and logs alike. */
public final class TerminalReport {

    private static final String GAP = "   ";

    private TerminalReport() {}

    /** What ran and where, the table with all modes side by side, and every expectation that did not hold. */
    public static String render(DemoResult result) {
        Summary summary = Summary.of(result);
        StringBuilder text = new StringBuilder();
        text.append(summary.setup()).append('\n').append(summary.machine()).append("\n\n");
        appendTable(text, summary);
        if (summary.ratio() != null) {
            text.append('\n').append(summary.ratio()).append('\n');
        }
        text.append('\n').append(summary.headline()).append('\n');
        summary.failures()
                .forEach(failure -> text.append("FAILED  ").append(failure).append('\n'));
        return text.toString();
    }

    private static void appendTable(StringBuilder text, Summary summary) {
        int labelWidth = summary.rows().stream()
                .mapToInt(row -> row.label().length())
                .max()
                .orElse(0);
        int[] widths = IntStream.range(0, summary.columns().size())
                .map(column -> summary.rows().stream()
                        .mapToInt(row -> row.cells().get(column).length())
                        .reduce(summary.columns().get(column).length(), Math::max))
                .toArray();
        appendLine(text, labelWidth, "", widths, summary.columns());
        int ruleWidth = labelWidth + IntStream.of(widths).sum() + GAP.length() * widths.length;
        text.append("-".repeat(ruleWidth)).append('\n');
        summary.rows().forEach(row -> appendLine(text, labelWidth, row.label(), widths, row.cells()));
    }

    private static void appendLine(StringBuilder text, int labelWidth, String label, int[] widths, List<String> cells) {
        text.append(label).append(" ".repeat(labelWidth - label.length()));
        for (int column = 0; column < widths.length; column++) {
            String cell = cells.get(column);
            text.append(GAP).append(" ".repeat(widths[column] - cell.length())).append(cell);
        }
        text.append('\n');
    }
}
