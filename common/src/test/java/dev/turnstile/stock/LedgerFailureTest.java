package dev.turnstile.stock;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;

class LedgerFailureTest {

    /** A row of the table in docs/operations.md: the class in bold, and all numbers in the second column. */
    private static final Pattern ROW = Pattern.compile("\\| \\*\\*(order|size|server)\\*\\*[^|]*\\|([^|]*)\\|.*");

    private static final Pattern NUMBER = Pattern.compile("\\b\\d{4}\\b");

    @ParameterizedTest
    @CsvSource({
        "1406, 22001, MySQL and MariaDB, ORDER",
        "1264, 22003, MySQL and MariaDB, ORDER",
        "1292, 22007, MySQL and MariaDB, ORDER",
        "1366, HY000, MySQL, ORDER",
        "1366, 22007, MariaDB, ORDER",
        "3140, 22032, MySQL, ORDER",
        "3819, HY000, MySQL, ORDER",
        "4025, 23000, MariaDB, ORDER",
        "1048, 23000, MySQL and MariaDB, ORDER",
        "1153, 08S01, MySQL and MariaDB, SIZE",
        "1197, HY000, MySQL and MariaDB, SIZE",
        "1206, HY000, MySQL and MariaDB, SIZE",
        "1146, 42S02, a table is missing, SERVER",
        "1054, 42S22, a column is missing, SERVER",
        "1049, 42000, the database is missing, SERVER",
        "1142, 42000, a grant is missing, SERVER",
        "1143, 42000, a grant on a column is missing, SERVER",
        "1044, 42000, no access, SERVER",
        "1045, 28000, no access, SERVER",
        "1193, HY000, a variable has another name, SERVER",
        "1290, HY000, read-only, SERVER",
        "1792, 25006, read-only, SERVER",
        "1836, HY000, read-only, SERVER",
        "1021, HY000, disk full, SERVER",
        "1114, HY000, table full, SERVER",
        "1030, HY000, the engine failed, SERVER",
        "1040, 08004, too many connections, SERVER",
        "1203, 42000, too many connections of the user, SERVER",
        "1226, 42000, more than a user may, SERVER",
        "1053, 08S01, shutting down, SERVER",
        "1205, HY000, lock wait, SERVER",
        "1213, 40001, deadlock, SERVER",
        "1062, 23000, another session was faster, SERVER",
        "1194, HY000, crashed table, SERVER",
        "1195, HY000, crashed table, SERVER",
        "1467, HY000, no more numbers, SERVER",
        "1064, 42000, a statement that is not understood, SERVER",
        "1180, HY000, commit failed, SERVER",
        "1317, 70100, killed, SERVER",
        "1927, 70100, MariaDB: killed, SERVER",
        "9999, HY000, unknown, SERVER"
    })
    void isToldByTheErrorNumberWhateverTheSqlState(int number, String state, String what, LedgerFailure kind) {
        SQLException failure = new SQLException(what, state, number);
        assertThat(LedgerFailure.of(failure)).isEqualTo(kind);
        assertThat(LedgerFailure.of(new DataIntegrityViolationException("translated", failure)))
                .isEqualTo(kind);
        assertThat(LedgerFailure.of(new BatchUpdateException(what, state, number, new int[0])))
                .isEqualTo(kind);
    }

    @Test
    void whatHasNoNumberIsTheServers() {
        assertThat(LedgerFailure.of(new IllegalStateException("whatever"))).isEqualTo(LedgerFailure.SERVER);
        assertThat(LedgerFailure.of(new CannotGetJdbcConnectionException(
                        "none", new SQLNonTransientConnectionException("Communications link failure", "08S01"))))
                .isEqualTo(LedgerFailure.SERVER);
    }

    /** As of MySQL's driver, which is not there when this is compiled. */
    private static final class PacketTooBigException extends SQLException {
        private static final long serialVersionUID = 1L;

        PacketTooBigException() {
            super("Packet for query is too large (3,045,331 > 1,048,576)", "S1000");
        }
    }

    @Test
    void aPacketThatTheDriverDoesNotSendIsTooLarge() {
        assertThat(LedgerFailure.of(new DataAccessResourceFailureException("decide", new PacketTooBigException())))
                .isEqualTo(LedgerFailure.SIZE);
    }

    @Test
    void theTableOfOperationsSaysTheSame() throws Exception {
        List<Integer> listed = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("..", "docs", "operations.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                LedgerFailure kind = LedgerFailure.valueOf(row.group(1).toUpperCase(Locale.ROOT));
                Matcher number = NUMBER.matcher(row.group(2));
                while (number.find()) {
                    listed.add(Integer.valueOf(number.group()));
                    assertThat(LedgerFailure.ofNumber(Integer.parseInt(number.group())))
                            .as(number.group())
                            .isEqualTo(kind);
                }
            }
        }
        for (int number = 1000; number < 5000; number++) {
            if (LedgerFailure.ofNumber(number) != LedgerFailure.SERVER) {
                assertThat(listed).contains(number);
            }
        }
    }

    @Test
    void onlyAServerThatTakesNoWritesLosesItsConnections() {
        assertThat(List.of(1290, 1792, 1836, 1053))
                .allMatch(number -> LedgerFailure.endsConnection(new SQLException("gone", "HY000", number)));
        assertThat(List.of(1062, 1205, 1213, 1406))
                .noneMatch(number -> LedgerFailure.endsConnection(new SQLException("stays", "HY000", number)));
    }

    @Test
    void isDescribedInPrintableTextOfBoundedLength() {
        assertThat(LedgerFailure.describe(new DataIntegrityViolationException(
                        "translated", new SQLException("Data too long for 'ü\n'", "22001", 1406))))
                .isEqualTo("Data too long for '??' (error 1406)");
        assertThat(LedgerFailure.describe(new IllegalStateException("x".repeat(5000))))
                .hasSizeLessThan(400);
    }
}
