package dev.turnstile.local.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sets stock and reads cached stock, as an operator would. */
final class StockApi {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final URI api;
    private final String adminToken;
    private final HttpClient client;

    StockApi(URI api, String adminToken) {
        this.api = api;
        this.adminToken = adminToken;
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(TIMEOUT)
                .build();
    }

    /**
     * Sets the stock of a product, which is made if it is not known.
     *
     * @throws IOException if the API does not do so
     */
    void set(long productId, int quantity) throws IOException, InterruptedException {
        send(request(productId)
                .header("Authorization", "Bearer " + adminToken)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(Map.of("quantity", quantity))))
                .build());
    }

    /**
     * What the cache shows of a product, or null if it shows nothing.
     *
     * @throws IOException if the API does not answer with it
     */
    @Nullable Integer cachedQuantity(long productId) throws IOException, InterruptedException {
        JsonNode quantity =
                JSON.readTree(send(request(productId).GET().build())).path("cachedQuantity");
        return quantity.isIntegralNumber() ? quantity.intValue() : null;
    }

    private HttpRequest.Builder request(long productId) {
        return HttpRequest.newBuilder(api.resolve("/v1/stocks/" + productId)).timeout(TIMEOUT);
    }

    private String send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new IOException(request.method() + " " + request.uri() + " answered " + response.statusCode() + ": "
                    + response.body());
        }
        return response.body();
    }
}
