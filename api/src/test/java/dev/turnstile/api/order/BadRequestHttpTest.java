package dev.turnstile.api.order;

import static dev.turnstile.api.order.ApiClient.assertProblem;
import static dev.turnstile.api.order.ApiClient.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.api.http.RequestBody;
import dev.turnstile.api.order.FakeBackends.FakeLine;
import dev.turnstile.api.order.FakeBackends.FakePublisher;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Collections;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Scenario 42: whatever is wrong with a request, it is refused with a clear 4xx and nothing is published. */
@HttpTest
class BadRequestHttpTest {

    private static final String FAIR = "/v1/stocks/locks/fair";

    @Autowired
    FakeLine line;

    @Autowired
    FakePublisher publisher;

    @LocalServerPort
    int port;

    private ApiClient api;

    @BeforeEach
    void reset() {
        api = new ApiClient(port);
        line.drawn.clear();
        publisher.published.clear();
    }

    @AfterEach
    void nothingWasDrawnOrPublished() {
        assertThat(line.drawn).isEmpty();
        assertThat(publisher.published).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/stocks/locks/fair", "/v1/stocks/locks/distributed"})
    void namesTheFieldAndTheBounds(String path) throws Exception {
        HttpResponse<String> answer =
                api.send(api.request("PATCH", path, "{\"orders\":[{\"productId\":1,\"quantity\":-5}]}"));
        assertProblem(answer, 422, "invalid-request");
        assertThat(json(answer).get("errors").toString())
                .isEqualTo("[{\"field\":\"orders[0].quantity\",\"message\":\"must be from 1 to 10000, was -5\"}]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/stocks/locks/fair;jsessionid=0A1B2C",
                "/v1/stocks/locks/%66air",
                "/v1/stocks;v=1/locks/fair",
                "/v1/stocks/locks/distributed;x=1",
                "/v1/stocks/locks/%64istributed",
                "/v1//stocks/locks/fair",
                "/v1/stocks/./locks/fair",
                "/v1/stocks/x/../locks/fair",
                "/v1/stocks/locks/fair/",
                "/v1/stocks/locks/FAIR",
                "/page/%77ebjars/x",
                "/%61ctuator/prometheus"
            })
    void aPathHasOneForm(String path) throws Exception {
        assertProblem(
                api.send(api.request("PATCH", path, "{\"orders\":[{\"productId\":1,\"quantity\":1}]}")),
                404,
                "not-found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "identity, gzip", ""})
    void refusesCodedBodies(String coding) throws Exception {
        for (String path : new String[] {FAIR, "/v1/stocks/locks/distributed"}) {
            assertProblem(
                    api.send(api.request("PATCH", path, "{\"orders\":[{\"productId\":1,\"quantity\":1}]}")
                            .header("Content-Encoding", coding)),
                    415,
                    "unsupported-media-type");
        }
        assertProblem(
                api.send(api.request("PUT", "/v1/stocks/1", "{\"available\":1}").header("Content-Encoding", coding)),
                415,
                "unsupported-media-type");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/orders/1", "/v1/stocks/x", "/nothing", "/problems/out-of-stock", "/a;b"})
    void nobodyKeepsAnAnswer(String path) throws Exception {
        assertThat(api.send(api.request(path)).headers().allValues("Cache-Control"))
                .containsExactly("no-store");
    }

    @Test
    void refusesMoreThanFiftyLines() throws Exception {
        String lines = IntStream.rangeClosed(1, 51)
                .mapToObj(id -> "{\"productId\":%d,\"quantity\":1}".formatted(id))
                .collect(Collectors.joining(",", "{\"orders\":[", "]}"));
        assertProblem(api.send(api.request("PATCH", FAIR, lines)), 422, "invalid-request");
    }

    @Test
    void refusesProductIdsThatJsonCannotHoldExactly() throws Exception {
        HttpResponse<String> answer =
                api.send(api.request("PATCH", FAIR, "{\"orders\":[{\"productId\":9007199254740992,\"quantity\":1}]}"));
        assertProblem(answer, 422, "invalid-request");
    }

    @Test
    void refusesBrokenJson() throws Exception {
        assertProblem(api.send(api.request("PATCH", FAIR, "{\"orders\":")), 400, "malformed-json");
        assertProblem(api.send(api.request("PATCH", FAIR, "")), 400, "malformed-json");
        assertProblem(
                api.send(api.request(FAIR)
                        .header("Content-Type", "application/json")
                        .method("PATCH", BodyPublishers.ofByteArray(new byte[] {'{', (byte) 0xc0, (byte) 0xaf}))),
                400,
                "malformed-json");
    }

    @Test
    void refusesOtherContentTypes() throws Exception {
        for (String type :
                new String[] {"text/plain", "application/xml", "application/x-www-form-urlencoded", "json"}) {
            HttpResponse<String> answer = api.send(api.request(FAIR)
                    .header("Content-Type", type)
                    .method("PATCH", BodyPublishers.ofString("{\"orders\":[]}")));
            assertProblem(answer, 415, "unsupported-media-type");
        }
        assertProblem(
                api.send(api.request(FAIR).method("PATCH", BodyPublishers.ofString("{}"))),
                415,
                "unsupported-media-type");
    }

    @Test
    void refusesABodyThatIsTooLongByItsHeader() throws Exception {
        String megabyte = "{\"orders\":[" + " ".repeat(1024 * 1024) + "]}";
        assertProblem(api.send(api.request("PATCH", FAIR, megabyte)), 413, "body-too-large");
    }

    @Test
    void refusesAChunkedBodyThatIsTooLong() throws Exception {
        byte[] body = new byte[RequestBody.MAX_BYTES + 1];
        assertProblem(
                api.send(api.request(FAIR)
                        .header("Content-Type", "application/json")
                        .method("PATCH", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))),
                413,
                "body-too-large");
    }

    @Test
    void answersAnEndlessChunkedBodyWithoutReadingToItsEnd() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(("PATCH " + FAIR + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n")
                    .getBytes(UTF_8));
            byte[] chunk = ("4000\r\n" + " ".repeat(0x4000) + "\r\n").getBytes(UTF_8);
            for (int i = 0; i < 5; i++) { // 80 KiB, and no end
                out.write(chunk);
            }
            out.flush();
            assertThat(head(socket.getInputStream())).startsWith("HTTP/1.1 413");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = { // with | for the end of a line
                "GET /v1/stocks/\\\"<> HTTP/1.1|Host: x||",
                "GARBAGE||",
                "GET /v1/stocks/%zz HTTP/1.1|Host: x||",
                "GET /v1/stocks/1 HTTP/1.1||",
                "GET / HTTP/9.9|Host: x||",
                "PATCH /v1/stocks/locks/fair HTTP/1.1|Host: x|Content-Type: application/json|Content-Length: x||{}",
                "PATCH /v1/stocks/locks/fair HTTP/1.1|Host: x|Content-Type: application/json"
                        + "|Transfer-Encoding: chunked||zz|{}|",
            })
    void whatIsNotEvenHttpIsAClear4xxWithoutAPage(String request) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.replace("|", "\r\n").getBytes(UTF_8));
            socket.getOutputStream().flush();
            String answer = head(socket.getInputStream());
            assertThat(answer)
                    .matches("(?s)HTTP/1.1 (4..|505).*")
                    .doesNotContain("<html")
                    .doesNotContain("xception");
        }
    }

    @Test
    void headersThatAreTooLongAreRefused() throws Exception {
        HttpResponse<String> answer =
                api.send(api.request("/v1/stocks").header("X-Long", String.join("", Collections.nCopies(20_000, "x"))));
        assertThat(answer.statusCode()).isBetween(400, 431);
        assertThat(answer.body()).doesNotContain("<html");
    }

    private static String head(InputStream in) throws IOException {
        byte[] buffer = new byte[4096];
        int length = in.read(buffer);
        return length < 0 ? "" : new String(buffer, 0, length, UTF_8);
    }
}
