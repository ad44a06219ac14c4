package dev.turnstile.api.stock;

import static dev.turnstile.api.order.ApiClient.assertProblem;
import static dev.turnstile.api.order.ApiClient.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.api.order.ApiClient;
import dev.turnstile.api.order.FakeBackends.FakeCache;
import dev.turnstile.api.order.FakeBackends.FakeLedger;
import dev.turnstile.api.order.HttpTest;
import dev.turnstile.stock.Stock;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.redisson.client.RedisTimeoutException;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.dao.DataAccessResourceFailureException;
import tools.jackson.databind.JsonNode;

@HttpTest
class StockHttpTest {

    @Autowired
    FakeLedger ledger;

    @Autowired
    FakeCache cache;

    private ApiClient api;

    @BeforeEach
    void reset(@LocalServerPort int port) {
        api = new ApiClient(port);
        ledger.failure = null;
        cache.failure = null;
        ledger.stocks.clear();
        cache.quantities.clear();
        ledger.stocks.put(1L, new Stock(1, 90, 1));
        ledger.stocks.put(2L, new Stock(2, 80, 1));
        cache.quantities.put(1L, 89);
    }

    @Test
    void tellsStoredAndCachedStock() throws Exception {
        HttpResponse<String> one = api.send(api.request("/v1/stocks/1"));
        assertThat(one.body()).isEqualTo("{\"productId\":1,\"quantity\":90,\"cachedQuantity\":89}");
        assertThat(one.headers().allValues("Cache-Control")).containsExactly("no-store");
        assertThat(api.send(api.request("/v1/stocks")).body())
                .isEqualTo("{\"stocks\":[{\"productId\":1,\"quantity\":90,\"cachedQuantity\":89},"
                        + "{\"productId\":2,\"quantity\":80,\"cachedQuantity\":null}]}");
    }

    @Test
    void tellsStocksPageByPage() throws Exception {
        ledger.stocks.put(7L, new Stock(7, 70, 1));
        JsonNode first = json(api.send(api.request("/v1/stocks?limit=2")));
        assertThat(first.get("stocks")).hasSize(2);
        assertThat(first.get("next").stringValue()).isEqualTo("/v1/stocks?after=2&limit=2");
        assertThat(api.send(api.request("/v1/stocks?after=2&limit=2")).body())
                .isEqualTo("{\"stocks\":[{\"productId\":7,\"quantity\":70,\"cachedQuantity\":null}]}");
        assertThat(json(api.send(api.request("/v1/stocks?limit=3"))).has("next"))
                .isFalse();
    }

    @Test
    void noPageIsLongerThanAThousand() throws Exception {
        for (long id = 1; id <= 1001; id++) {
            ledger.stocks.put(id, new Stock(id, 1, 1));
        }
        JsonNode page = json(api.send(api.request("/v1/stocks")));
        assertThat(page.get("stocks")).hasSize(1000);
        assertThat(page.get("next").stringValue()).isEqualTo("/v1/stocks?after=1000&limit=1000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=0", "limit=1001", "limit=x", "limit=1&limit=2", "limit=-1", "after=-1", "after=1.5"})
    void refusesPagesThatCannotBe(String query) throws Exception {
        assertProblem(api.send(api.request("/v1/stocks?" + query)), 400, "invalid-parameter");
    }

    @Test
    void tellsStoredStockWhenTheCacheIsDown() throws Exception {
        cache.failure = new RedisTimeoutException("down");
        assertThat(api.send(api.request("/v1/stocks/1")).body())
                .isEqualTo("{\"productId\":1,\"quantity\":90,\"cachedQuantity\":null}");
    }

    @Test
    void aDatabaseThatIsDownIs503WithoutInternals() throws Exception {
        ledger.failure = new DataAccessResourceFailureException("jdbc:mysql://db/secret");
        HttpResponse<String> answer = api.send(api.request("/v1/stocks/1"));
        assertProblem(answer, 503, "unavailable");
        assertThat(answer.body()).doesNotContain("jdbc");
    }

    @Test
    void aBugIs500WithoutInternals() throws Exception {
        ledger.failure = new IllegalStateException("dev.turnstile.Secret");
        HttpResponse<String> answer = api.send(api.request("/v1/stocks/1"));
        assertProblem(answer, 500, "internal-error");
        assertThat(answer.body()).doesNotContain("Secret");
    }

    @Test
    void anUnknownProductIs404() throws Exception {
        assertProblem(api.send(api.request("/v1/stocks/3")), 404, "unknown-product");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "x", "1.5", "01", "+1", "9007199254740992", "99999999999999999999"})
    void aProductIdMustBeAPositiveWholeNumber(String id) throws Exception {
        assertProblem(api.send(api.request("/v1/stocks/" + id)), 400, "invalid-parameter");
    }

    @Test
    void anEscapedProductIdIsNoAddress() throws Exception {
        assertProblem(api.send(api.request("/v1/stocks/%20")), 404, "not-found");
        assertProblem(api.send(api.request("/v1/stocks/%31")), 404, "not-found");
    }

    @Test
    void setsStockInLedgerAndCache() throws Exception {
        HttpResponse<String> answer = api.send(put("1", "{\"quantity\":7}").header("Authorization", "Bearer secret"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"productId\":1,\"quantity\":7,\"cachedQuantity\":7}");
        assertThat(ledger.stocks).containsEntry(1L, new Stock(1, 7, 2));
    }

    @Test
    void setsStockWhenTheCacheIsDown() throws Exception {
        cache.failure = new RedisTimeoutException("down");
        HttpResponse<String> answer = api.send(put("1", "{\"quantity\":0}").header("Authorization", "bearer secret"));
        assertThat(answer.body()).isEqualTo("{\"productId\":1,\"quantity\":0,\"cachedQuantity\":null}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"quantity\":-1}", "{\"quantity\":1000000001}", "{\"quantity\":\"1\"}", "{}"})
    void refusesQuantitiesThatCannotBe(String body) throws Exception {
        HttpResponse<String> answer = api.send(put("1", body).header("Authorization", "Bearer secret"));
        assertProblem(answer, 422, "invalid-request");
        assertThat(json(answer).get("errors").get(0).get("field").stringValue()).isEqualTo("quantity");
        assertThat(ledger.stocks).containsEntry(1L, new Stock(1, 90, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer wrong", "Bearer ", "Bearer", "Basic secret", "secret", "Bearer secret2"})
    void aWrongTokenIs401AndChangesNothing(String authorization) throws Exception {
        HttpResponse<String> answer = api.send(put("1", "{\"quantity\":7}").header("Authorization", authorization));
        assertProblem(answer, 401, "unauthorized");
        assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"turnstile\"");
        assertThat(ledger.stocks).containsEntry(1L, new Stock(1, 90, 1));
    }

    @Test
    void noTokenIs401BeforeTheBodyIsLookedAt() throws Exception {
        assertProblem(api.send(put("1", "{")), 401, "unauthorized");
    }

    private HttpRequest.Builder put(String id, String body) {
        return api.request("PUT", "/v1/stocks/" + id, body);
    }
}
