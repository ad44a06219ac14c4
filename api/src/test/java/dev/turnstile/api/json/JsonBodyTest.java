package dev.turnstile.api.json;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.turnstile.api.json.FieldErrors.FieldError;
import dev.turnstile.api.problem.Problem;
import dev.turnstile.api.problem.ProblemException;
import dev.turnstile.api.problem.ProblemType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBodyTest {

    private record Line(long productId, long quantity) {}

    private static List<Line> read(JsonFields body) {
        return body.only("orders")
                .objects(
                        "orders",
                        1,
                        3,
                        line -> new Line(
                                line.only("productId", "quantity").wholeNumber("productId", 1, 1000),
                                line.wholeNumber("quantity", 1, 10_000)));
    }

    private static Problem problem(byte[] json) {
        ProblemException refused =
                catchThrowableOfType(ProblemException.class, () -> JsonBody.parse(json, JsonBodyTest::read));
        assertThat(refused).isNotNull();
        return refused.problem();
    }

    private static Problem problem(String json) {
        return problem(json.getBytes(UTF_8));
    }

    @Test
    void readsWhatIsRight() {
        assertThat(JsonBody.parse(
                        " {\"orders\":[{\"quantity\":10000,\"productId\":1}]}\n".getBytes(UTF_8), JsonBodyTest::read))
                .containsExactly(new Line(1, 10_000));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "0 | must be from 1 to 10000, was 0",
                "-1 | must be from 1 to 10000, was -1",
                "-0 | must be from 1 to 10000, was 0",
                "10001 | must be from 1 to 10000, was 10001",
                "2147483649 | must be from 1 to 10000, was 2147483649",
                "4294967297 | must be from 1 to 10000, was 4294967297",
                "18446744073709551617 | must be from 1 to 10000, was 18446744073709551617",
                "1.5 | must be a whole number from 1 to 10000, was 1.5",
                "1.0 | must be a whole number from 1 to 10000, was 1.0",
                "1e3 | must be a whole number from 1 to 10000, was 1000.0",
                "\"1\" | must be a whole number from 1 to 10000, was the text \"1\"",
                "\"\" | must be a whole number from 1 to 10000, was the text \"\"",
                "null | must be a whole number from 1 to 10000, was null",
                "true | must be a whole number from 1 to 10000, was true",
                "[1] | must be a whole number from 1 to 10000, was a list",
                "{} | must be a whole number from 1 to 10000, was an object",
            })
    void namesTheFieldWhoseValueIsNoQuantity(String value, String message) {
        Problem problem =
                problem("{\"orders\":[{\"productId\":1,\"quantity\":1},{\"productId\":2,\"quantity\":" + value + "}]}");
        assertThat(problem.type()).isEqualTo(ProblemType.INVALID_REQUEST);
        assertThat(problem.members().get("errors")).isEqualTo(List.of(new FieldError("orders[1].quantity", message)));
        assertThat(problem.detail()).isEqualTo("orders[1].quantity " + message + ".");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{} | orders | is missing",
                "[] |  | must be an object, was a list",
                "null |  | must be an object, was null",
                "17 |  | must be an object, was 17",
                "{\"orders\":null} | orders | must be a list of 1 to 3 objects, was null",
                "{\"orders\":{}} | orders | must be a list of 1 to 3 objects, was an object",
                "{\"orders\":[]} | orders | must have 1 to 3 elements, has 0",
                "{\"orders\":[1,2,3,4]} | orders | must have 1 to 3 elements, has 4",
                "{\"orders\":[7]} | orders[0] | must be an object, was 7",
                "{\"orders\":[{\"productId\":1}]} | orders[0].quantity | is missing",
                "{\"orders\":[{\"quantity\":1}]} | orders[0].productId | is missing",
                "{\"orders\":[{\"productId\":1,\"quantity\":1,\"price\":0}]} | orders[0].price"
                        + " | is not a known field; remove it (known: productId, quantity)",
                "{\"orders\":[{\"productId\":1,\"quantity\":1}],\"user\":1} | user"
                        + " | is not a known field; remove it (known: orders)",
            })
    void namesWhatHasTheWrongShape(String json, String field, String message) {
        Problem problem = problem(json);
        assertThat(problem.type()).isEqualTo(ProblemType.INVALID_REQUEST);
        assertThat(problem.members().get("errors"))
                .isEqualTo(List.of(new FieldError(field == null ? "" : field, message)));
    }

    @Test
    void reportsAllFaultsAtOnceButNoMoreThanTen() {
        Problem two = problem("{\"orders\":[{\"productId\":0,\"quantity\":0}]}");
        assertThat((List<?>) two.members().get("errors")).hasSize(2);
        assertThat(two.detail()).contains("orders[0].productId").contains("(and 1 more)");

        StringBuilder many = new StringBuilder("{\"orders\":[]");
        for (int i = 0; i < 500; i++) {
            many.append(",\"f").append(i).append("\":1");
        }
        assertThat((List<?>) problem(many.append('}').toString()).members().get("errors"))
                .hasSize(10);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "{",
                "{\"orders\":[{\"productId\":1,\"quantity\":1}]} x",
                "{\"orders\":[{\"productId\":1,\"quantity\":1}]}{}",
                "{\"orders\":[{\"productId\":1,\"quantity\":1,\"quantity\":2}]}",
                "{\"orders\":[],\"orders\":[]}",
                "{orders:[]}",
                "{'orders':[]}",
                "{\"orders\":[NaN]}",
                "{\"orders\":[01]}",
                "{\"orders\":[1,]}",
                "{\"orders\":[] /* none */}",
                "{\"orders\":\"\u0000\"}",
                "\ufeff{}",
                "hello",
            })
    void refusesWhatIsNoJson(String json) {
        Problem problem = problem(json);
        assertThat(problem.type()).isEqualTo(ProblemType.MALFORMED_JSON);
        assertThat(problem.detail())
                .isNotBlank()
                .doesNotContain("tools.jackson")
                .doesNotContain("StreamRead");
    }

    @Test
    void namesTheFieldThatIsThereTwice() {
        assertThat(problem("{\"orders\":[{\"quantity\":1,\"quantity\":2}]}").detail())
                .isEqualTo("Duplicate Object property \"quantity\" (line 1, column 36).");
    }

    @Test
    void refusesWhatIsNotUtf8AndSaysWhere() {
        byte[] json = "{\"orders\":\"x\"}".getBytes(UTF_8);
        json[11] = (byte) 0xff;
        assertThat(problem(json).type()).isEqualTo(ProblemType.MALFORMED_JSON);
        assertThat(problem(json).detail()).isEqualTo("Byte 11 of the body is not UTF-8.");
        assertThat(problem(new byte[] {'"', (byte) 0xc3}).detail()).contains("UTF-8"); // cut in the middle
        assertThat(problem(new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'})
                        .detail())
                .contains("UTF-8"); // a lone surrogate
        assertThat(problem("{\"orders\":[]}".getBytes(UTF_16)).type()).isEqualTo(ProblemType.MALFORMED_JSON);
    }

    @Test
    void refusesDeepJsonAndEndlessNumbersWithoutRunningOutOfStack() {
        for (String json : List.of(
                "[".repeat(60_000),
                "{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000),
                "{\"orders\":[" + "9".repeat(60_000) + "]}")) {
            Problem problem = problem(json);
            assertThat(problem.type()).isEqualTo(ProblemType.MALFORMED_JSON);
            assertThat(problem.detail())
                    .isEqualTo("The body is nested deeper than 10 levels or has a number of more" + " than 40 digits.");
        }
    }
}
