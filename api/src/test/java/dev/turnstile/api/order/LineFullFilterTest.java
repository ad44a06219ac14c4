package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.line.LineCounters;
import dev.turnstile.line.LineThroughput;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class LineFullFilterTest {

    private static final String DISTRIBUTED_PATH = "/v1/stocks/locks/distributed";
    private static final int MAX_WAITING = 1000;

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final LineAdmission door =
            new LineAdmission(new LineThroughput(now::get), Duration.ofSeconds(5), 1, MAX_WAITING, now::get);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final LineFullFilter filter = new LineFullFilter(door, new AnswerMetrics(meters, new WaitingRequests(1)));

    /** What a request is answered; 200 if it is let through. */
    private MockHttpServletResponse ask(MockHttpServletRequest request) throws Exception {
        MockHttpServletResponse response = new MockHttpServletResponse();
        filter.doFilter(request, response, new MockFilterChain());
        return response;
    }

    private static MockHttpServletRequest request(String method, String path) {
        MockHttpServletRequest request = new MockHttpServletRequest(method, path);
        request.setContent("{}".getBytes(StandardCharsets.UTF_8));
        request.setAttribute("dev.turnstile.api.http.RequestBody.cameWithHead", true);
        return request;
    }

    private int status(String method, String path) throws Exception {
        return ask(request(method, path)).getStatus();
    }

    private double turnedAway() {
        return meters.get("turnstile.orders.answered")
                .tags("mode", "fair", "outcome", ProblemType.LINE_FULL.slug())
                .counter()
                .count();
    }

    @Test
    void aLineThatIsKnownToBeFullTurnsFairOrdersAwayWithoutBeingAsked() throws Exception {
        assertThat(status("PATCH", OrderController.FAIR_PATH)).isEqualTo(200);
        door.full(1234);
        MockHttpServletResponse refused = ask(request("PATCH", OrderController.FAIR_PATH));
        assertThat(refused.getStatus()).isEqualTo(429);
        assertThat(refused.getHeader(HttpHeaders.RETRY_AFTER)).isEqualTo("1");
        assertThat(refused.getContentType()).isEqualTo("application/problem+json");
        assertThat(refused.getContentAsString()).contains("/problems/line-full", "1234 orders");
        assertThat(turnedAway()).isEqualTo(1);
    }

    @Test
    void asManyAskAsLeaveTheLine() throws Exception {
        door.full(1234);
        int asked = 0;
        for (int ms = 1; ms <= 100; ms++) {
            now.addAndGet(1_000_000);
            for (int client = 0; client < 20; client++) {
                asked += status("PATCH", OrderController.FAIR_PATH) == 200 ? 1 : 0;
            }
        }
        // nothing is known of the line's pace, so 2,000 a second are assumed; here time goes by in whole milliseconds
        assertThat(asked).isEqualTo(100);
        assertThat(turnedAway()).isEqualTo(100 * 20 - asked);
    }

    @Test
    void aLookThatSeesRoomOpensIt() throws Exception {
        door.full(1234);
        door.seen(new LineCounters(1, 0, MAX_WAITING * 9 / 10));
        assertThat(status("PATCH", OrderController.FAIR_PATH)).isEqualTo(429);
        door.seen(new LineCounters(1, 1, MAX_WAITING * 9 / 10 - 1));
        assertThat(status("PATCH", OrderController.FAIR_PATH)).isEqualTo(200);
    }

    @Test
    void withoutALookItOpensAfterASecond() throws Exception {
        door.full(1234);
        now.addAndGet(LineAdmission.BELIEVED_FOR.toNanos());
        for (int client = 0; client < 20; client++) {
            assertThat(status("PATCH", OrderController.FAIR_PATH)).isEqualTo(200);
        }
    }

    @Test
    void anOrderWithAKeyMayBeInTheLineAlready() throws Exception {
        door.full(1234);
        MockHttpServletRequest keyed = request("PATCH", OrderController.FAIR_PATH);
        keyed.addHeader(IdempotencyKey.HEADER, "\"key\"");
        assertThat(ask(keyed).getStatus()).isEqualTo(200);
    }

    @Test
    void aFullLineConcernsFairOrdersAlone() throws Exception {
        door.full(1234);
        assertThat(status("PATCH", DISTRIBUTED_PATH)).isEqualTo(200);
        assertThat(status("OPTIONS", OrderController.FAIR_PATH)).isEqualTo(200);
        assertThat(status("GET", "/v1/stocks")).isEqualTo(200);
    }

    @Test
    void aBodyThatIsStillOnItsWayIsAwaitedByOthers() throws Exception {
        door.full(1234);
        MockHttpServletRequest slow = new MockHttpServletRequest("PATCH", OrderController.FAIR_PATH);
        slow.setContent(new byte[9]);
        assertThat(ask(slow).getStatus()).isEqualTo(200);
    }
}
