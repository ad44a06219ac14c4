import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What MySQL takes for the rows of an order in one shape or another: runs of 500 orders, each run one transaction, by turns.
 * Arguments: JDBC URL, user, password, process id of the server, repetitions.
 */
public final class InsertShape {

    private static final int RUN = 500;
    private static final int ORDERS = 20_000;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static long counter;

    private record Shape(String name, String textType, boolean rows, boolean timeOrdered, int lines) {}

    public static void main(String[] args) throws Exception {
        List<Shape> shapes = List.of(
                new Shape("JSON columns, time-ordered ids, 1 line", "JSON", false, true, 1),
                new Shape("JSON columns, random ids, 1 line", "JSON", false, false, 1),
                new Shape("text columns, time-ordered ids, 1 line", "VARCHAR(4000)", false, true, 1),
                new Shape("lines as rows, JSON outcome, time-ordered ids, 1 line", "JSON", true, true, 1),
                new Shape("JSON columns, time-ordered ids, 3 lines", "JSON", false, true, 3),
                new Shape("text columns, time-ordered ids, 3 lines", "VARCHAR(4000)", false, true, 3),
                new Shape("lines as rows, JSON outcome, time-ordered ids, 3 lines", "JSON", true, true, 3));
        Path stat = Path.of("/proc/" + args[3] + "/stat");
        int repetitions = Integer.parseInt(args[4]);
        Map<String, List<double[]>> samples = new LinkedHashMap<>();
        try (Connection connection = DriverManager.getConnection(args[0], args[1], args[2]);
                Statement statement = connection.createStatement()) {
            for (int repetition = 0; repetition <= repetitions; repetition++) {
                List<Shape> turns = new ArrayList<>(shapes);
                Collections.shuffle(turns, new Random(repetition));
                for (Shape shape : turns) {
                    make(statement, shape);
                    List<List<String>> runs = IntStream.range(0, ORDERS / RUN)
                            .mapToObj(i -> run(shape))
                            .toList();
                    connection.setAutoCommit(false);
                    long cpu = cpu(stat);
                    long start = System.nanoTime();
                    for (List<String> run : runs) {
                        for (String sql : run) {
                            statement.execute(sql);
                        }
                        connection.commit();
                    }
                    double wall = (System.nanoTime() - start) / 1e3 / ORDERS;
                    double used = (cpu(stat) - cpu) * 1e4 / ORDERS;
                    connection.setAutoCommit(true);
                    if (repetition > 0) {
                        samples.computeIfAbsent(shape.name(), key -> new ArrayList<>()).add(new double[] {used, wall});
                    }
                }
            }
            statement.execute("DROP TABLE IF EXISTS shape_lines, shape_orders");
        }
        System.out.println("| shape | µs of MySQL's processor per order | µs until committed, per order |");
        System.out.println("| --- | ---: | ---: |");
        for (Shape shape : shapes) {
            List<double[]> all = samples.get(shape.name());
            System.out.println("| " + shape.name() + " | " + cell(all, 0) + " | " + cell(all, 1) + " |");
        }
    }

    private static String cell(List<double[]> samples, int column) {
        double[] sorted = samples.stream().mapToDouble(sample -> sample[column]).sorted().toArray();
        return "%.1f (%.1f to %.1f)".formatted(sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
    }

    private static long cpu(Path stat) throws Exception {
        String[] fields = Files.readString(stat).replaceAll("^.*\\) ", "").split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    private static void make(Statement statement, Shape shape) throws Exception {
        statement.execute("DROP TABLE IF EXISTS shape_lines, shape_orders");
        statement.execute("CREATE TABLE shape_orders (commit_seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
                + " order_id BINARY(16) NOT NULL, mode VARCHAR(16) NOT NULL, status VARCHAR(16) NOT NULL,"
                + (shape.rows() ? "" : " order_lines " + shape.textType() + " NOT NULL,")
                + " outcome " + shape.textType() + " NOT NULL, ticket BIGINT NULL, fence BIGINT NOT NULL,"
                + " overtaken BOOLEAN NOT NULL DEFAULT FALSE, replay_run VARCHAR(64) NULL,"
                + " accepted_at DATETIME(6) NOT NULL, decided_at DATETIME(6) NOT NULL,"
                + " UNIQUE KEY orders_have_one_outcome (order_id))");
        if (shape.rows()) {
            statement.execute("CREATE TABLE shape_lines (order_id BINARY(16) NOT NULL, product_id BIGINT NOT NULL,"
                    + " quantity INT NOT NULL, PRIMARY KEY (order_id, product_id))");
        }
    }

    private static List<String> run(Shape shape) {
        List<String> orders = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < RUN; i++) {
            String id = id(shape.timeOrdered());
            int remaining = 19_999 - i;
            String wanted = IntStream.rangeClosed(1, shape.lines())
                    .mapToObj(product -> "[" + product + ",1]")
                    .collect(Collectors.joining(",", "[", "]"));
            String left = IntStream.rangeClosed(1, shape.lines())
                    .mapToObj(product -> "{\"productId\":" + product + ",\"quantity\":" + remaining + "}")
                    .collect(Collectors.joining(","));
            orders.add("(X'" + id + "','FAIR','FULFILLED'," + (shape.rows() ? "" : "'" + wanted + "',")
                    + "'{\"status\":\"FULFILLED\",\"stocks\":[" + left + "]}'," + (1_099_511_627_777L + counter)
                    + ",1099511627777,false,NULL,'2026-11-26 06:00:00.123456','2026-11-26 06:00:00.234567')");
            for (int product = 1; product <= shape.lines(); product++) {
                lines.add("(X'" + id + "'," + product + ",1)");
            }
        }
        String into = "INSERT INTO shape_orders (order_id, mode, status," + (shape.rows() ? "" : " order_lines,")
                + " outcome, ticket, fence, overtaken, replay_run, accepted_at, decided_at) VALUES ";
        List<String> statements = new ArrayList<>(List.of(into + String.join(",", orders)));
        if (shape.rows()) {
            statements.add("INSERT INTO shape_lines VALUES " + String.join(",", lines));
        }
        return statements;
    }

    private static String id(boolean timeOrdered) {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        counter++;
        if (timeOrdered) {
            ByteBuffer.wrap(bytes).putLong(0x0199_0000_0000_7000L + (counter << 16));
        }
        return HexFormat.of().formatHex(bytes);
    }
}
