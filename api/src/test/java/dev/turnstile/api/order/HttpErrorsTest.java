package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.fuzz.HttpAnswerRules;
import dev.turnstile.fuzz.RawHttp;
import dev.turnstile.fuzz.RawHttp.Answer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Every error is a problem, also those that the web server and the frameworks find. */
@HttpTest
class HttpErrorsTest {

    @LocalServerPort
    int port;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET /v1 HTTP/1.1                                     | 404 | not-found
            GET /nowhere HTTP/1.1                                | 404 | not-found
            GET /v1/stocks/ HTTP/1.1                             | 404 | not-found
            GET /V1/stocks HTTP/1.1                              | 404 | not-found
            GET /error HTTP/1.1                                  | 404 | not-found
            GET /actuator/env HTTP/1.1                           | 404 | not-found
            GET /actuator/health/nowhere HTTP/1.1                | 404 | not-found
            GET /actuator/health?a=%zz HTTP/1.1                  | 400 | bad-request
            POST /actuator/health HTTP/1.1                       | 405 | method-not-allowed
            GET /swagger-ui/nowhere.js HTTP/1.1                  | 404 | not-found
            GET /webjars/nowhere HTTP/1.1                        | 404 | not-found
            GET /problems/nowhere HTTP/1.1                       | 404 | not-found
            GET /v1/stocks/locks/fair HTTP/1.1                   | 405 | method-not-allowed
            POST /v1/stocks HTTP/1.1                             | 405 | method-not-allowed
            DELETE /v1/stocks/1 HTTP/1.1                         | 405 | method-not-allowed
            BREW /v1/stocks HTTP/1.1                             | 405 | method-not-allowed
            TRACE /v1/stocks HTTP/1.1                            | 405 | method-not-allowed
            POST /v3/api-docs HTTP/1.1                           | 405 | method-not-allowed
            CONNECT /v1/stocks HTTP/1.1                          | 400 | bad-request
            GET /v1/stocks HTTP/9.9                              | 400 | bad-request
            GET /v1/stocks/%00 HTTP/1.1                          | 400 | bad-request
            GET /v1/stocks?<> HTTP/1.1                           | 400 | bad-request
            GARBAGE                                              | 400 | bad-request
            GET /v1/stocks/one HTTP/1.1                          | 400 | invalid-parameter
            """)
    void everyRefusalIsAProblem(String line, int status, String type) throws Exception {
        assertProblem(line + "\r\nHost: x\r\n\r\n", status, type);
    }

    @ParameterizedTest
    @CsvSource({
        "2000, 200", // what a proxy adds and a little more
        "9000, 400"
    })
    void theHeadIsBounded(int length, int status) throws Exception {
        for (String head : new String[] {
            "GET /v1/stocks?" + "x".repeat(length) + " HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /v1/stocks HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(length) + "\r\n\r\n"
        }) {
            assertThat(answer(head).status()).isEqualTo(status);
            if (status == 400) {
                assertProblem(head, 400, "bad-request");
            }
        }
    }

    /** It would be handed on in a Location that is too long for an answer. */
    @Test
    void thePageTakesNoLongQuery() throws Exception {
        String query = "?a=" + "b".repeat(2000);
        assertProblem("GET /swagger-ui.html" + query + " HTTP/1.1\r\nHost: x\r\n\r\n", 400, "bad-request");
        assertThat(answer("GET /swagger-ui.html?a=b HTTP/1.1\r\nHost: x\r\n\r\n")
                        .status())
                .isEqualTo(302);
    }

    @ParameterizedTest
    @CsvSource({"99, 200", "101, 400"})
    void theNumberOfHeadersIsBounded(int count, int status) throws Exception {
        String head = "GET /v1/stocks HTTP/1.1\r\nHost: x\r\n" + "X: y\r\n".repeat(count - 1) + "\r\n";
        assertThat(answer(head).status()).isEqualTo(status);
        if (status == 400) {
            assertProblem(head, 400, "bad-request");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Content-Type: text/plain                  | 415 | unsupported-media-type
            Content-Type: multipart/form-data         | 415 | unsupported-media-type
            Content-Type: application/                | 415 | unsupported-media-type
            Accept: */*;q=zz                          | 406 | not-acceptable
            Content-Type: application/*               | 400 | bad-request
            X: y                                      | 415 | unsupported-media-type
            Transfer-Encoding: gzip                   | 400 | bad-request
            """)
    void whatCannotBeReadIsRefused(String header, int status, String type) throws Exception {
        String order = "{\"orders\":[{\"productId\":1,\"quantity\":0}]}";
        String length = header.startsWith("Transfer") ? "" : "\r\nContent-Length: " + order.length();
        assertProblem(
                "PATCH /v1/stocks/locks/fair HTTP/1.1\r\nHost: x\r\n" + header + length + "\r\n\r\n" + order,
                status,
                type);
    }

    private void assertProblem(String request, int status, String type) throws Exception {
        Answer answer = answer(request);
        assertThat(HttpAnswerRules.broken(answer, false)).as(answer::toString).isEmpty();
        assertThat(answer.status()).as(answer::toString).isEqualTo(status);
        assertThat(answer.body()).contains("\"type\":\"/problems/" + type + "\"");
        if (status == 405 && !request.startsWith("TRACE")) {
            assertThat(answer.header("Allow")).isNotEmpty();
        }
    }

    private Answer answer(String request) throws Exception {
        try (RawHttp http = new RawHttp(port, Duration.ofSeconds(20))) {
            return http.send(request).read();
        }
    }
}
