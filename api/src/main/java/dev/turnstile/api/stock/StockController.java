package dev.turnstile.api.stock;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.turnstile.api.ApiProperties;
import dev.turnstile.api.json.JsonBody;
import dev.turnstile.api.openapi.Problems;
import dev.turnstile.api.problem.ProblemException;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.order.OrderLine;
import dev.turnstile.stock.Stock;
import dev.turnstile.stock.StockCache;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Reads stock from MySQL and, beside it, from the cache; sets stock for those who have the admin token. */
@Tag(name = "Stock")
@RestController
@RequestMapping("/v1/stocks")
class StockController {

    private static final Logger log = LoggerFactory.getLogger(StockController.class);

    private static final int MAX_QUANTITY = 1_000_000_000;

    private static final int LONGEST_PAGE = 1000;

    private final LedgerExecutor ledger;
    private final StockCache cache;
    private final AdminToken adminToken;
    private final Duration cacheTimeout;

    StockController(LedgerExecutor ledger, StockCache cache, AdminToken adminToken, ApiProperties properties) {
        this.ledger = ledger;
        this.cache = cache;
        this.adminToken = adminToken;
        this.cacheTimeout = properties.backendTimeout();
    }

    /**
     * A page of the stocks, ascending by product.
     *
     * @param next where the next page is, or null if this is the last
     */
    record Stocks(
            List<StockView> stocks,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String next) {}

    /** The body of a PUT. */
    record NewQuantity(
            @Schema(minimum = "0", maximum = "1000000000", requiredMode = Schema.RequiredMode.REQUIRED)
            int quantity) {}

    @Operation(summary = "The stocks, ascending by product id, page by page")
    @Parameter(
            name = "after",
            in = ParameterIn.QUERY,
            description = "Products with a greater id only",
            schema = @Schema(type = "integer", format = "int64", minimum = "0", defaultValue = "0"))
    @Parameter(
            name = "limit",
            in = ParameterIn.QUERY,
            description = "How many stocks a page has at most",
            schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "1000"))
    @ApiResponse(
            responseCode = "200",
            description = "The stocks. `quantity` is what MySQL has, `cachedQuantity` what the cache has, or null."
                    + " `next` is where the next page is; the last one has none.",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = Stocks.class),
                            examples =
                                    @ExampleObject(
                                            "{\"stocks\":[{\"productId\":1,\"quantity\":90,\"cachedQuantity\":90}],"
                                                    + "\"next\":\"/v1/stocks?after=1&limit=1\"}")))
    @Problems(ProblemType.INVALID_PARAMETER)
    @GetMapping
    CompletableFuture<ResponseEntity<Stocks>> stocks(
            @Parameter(hidden = true) @RequestParam(defaultValue = "0") String after,
            @Parameter(hidden = true) @RequestParam(defaultValue = "1000") String limit) {
        long last = wholeNumber("after", after, 0, OrderLine.MAX_PRODUCT_ID);
        int most = (int) wholeNumber("limit", limit, 1, LONGEST_PAGE);
        return ledger.call(stored -> stored.stocks(last, most + 1)) // one more shows whether there is a next page
                .thenCompose(stocks -> withCached(stocks.subList(0, Math.min(most, stocks.size())))
                        .thenApply(views -> json(new Stocks(
                                views,
                                stocks.size() > most
                                        ? "/v1/stocks?after="
                                                + stocks.get(most - 1).productId() + "&limit=" + most
                                        : null))));
    }

    @Operation(summary = "Stock of one product, stored and cached")
    @StockAnswer
    @Problems({ProblemType.INVALID_PARAMETER, ProblemType.UNKNOWN_PRODUCT})
    @GetMapping("/{productId}")
    CompletableFuture<ResponseEntity<StockView>> stock(@PathVariable String productId) {
        long id = productId(productId);
        return ledger.call(stored -> stored.stock(id)
                        .orElseThrow(() ->
                                new ProblemException(ProblemType.UNKNOWN_PRODUCT, "Unknown product: " + id + ".")))
                .thenCompose(this::withCached);
    }

    @Operation(
            summary = "Sets the stock of a product, also while orders are decided",
            security = @SecurityRequirement(name = "admin"),
            requestBody =
                    @RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                                            schema = @Schema(implementation = NewQuantity.class),
                                            examples = @ExampleObject("{\"quantity\":90}"))))
    @StockAnswer
    @Problems({ProblemType.INVALID_PARAMETER, ProblemType.UNAUTHORIZED, ProblemType.ADMIN_DISABLED})
    @PutMapping(path = "/{productId}", consumes = MediaType.APPLICATION_JSON_VALUE)
    CompletableFuture<ResponseEntity<StockView>> setStock(@PathVariable String productId, HttpServletRequest request) {
        adminToken.demand(request.getHeader(HttpHeaders.AUTHORIZATION));
        long id = productId(productId);
        int quantity = JsonBody.read(
                request, fields -> (int) fields.only("quantity").wholeNumber("quantity", 0, MAX_QUANTITY));
        return ledger.call(stored -> stored.setStock(id, quantity))
                .thenCompose(stock ->
                        cached("writing", () -> cache.write(List.of(stock))).handle((written, failure) -> stock))
                .thenCompose(this::withCached);
    }

    private CompletableFuture<ResponseEntity<StockView>> withCached(Stock stock) {
        return withCached(List.of(stock)).thenApply(views -> json(views.get(0)));
    }

    private CompletableFuture<List<StockView>> withCached(List<Stock> stocks) {
        List<Long> ids = stocks.stream().map(Stock::productId).toList();
        return cached("reading", () -> cache.quantities(ids))
                .exceptionally(failure -> Map.of())
                .thenApply(cached -> stocks.stream()
                        .map(stock -> new StockView(stock.productId(), stock.quantity(), cached.get(stock.productId())))
                        .toList());
    }

    /** The cache may fail: MySQL's value is returned anyway. */
    private <T> CompletableFuture<T> cached(String doing, Supplier<CompletionStage<T>> call) {
        CompletableFuture<T> answer;
        try {
            answer = call.get().toCompletableFuture().copy();
        } catch (RuntimeException e) { // the Redis client is shut down
            answer = CompletableFuture.failedFuture(e);
        }
        return answer.orTimeout(cacheTimeout.toMillis(), TimeUnit.MILLISECONDS).whenComplete((value, failure) -> {
            if (failure != null) {
                log.warn("{} the stock cache failed: {}", doing, failure.toString());
            }
        });
    }

    private static long productId(String text) {
        return wholeNumber("productId", text, 1, OrderLine.MAX_PRODUCT_ID);
    }

    private static long wholeNumber(String name, String text, long least, long most) {
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most && Long.toString(number).equals(text)) {
                return number;
            }
        } catch (NumberFormatException e) {
            log.trace("not a number: {}", text);
        }
        throw new ProblemException(
                ProblemType.INVALID_PARAMETER, name + " must be a whole number from " + least + " to " + most + ".");
    }

    private static <T> ResponseEntity<T> json(T body) {
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(body);
    }
}
