package dev.turnstile.api.order;

import dev.turnstile.api.openapi.Problems;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.order.OrderLine;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;

/**
 * Describes the body of an order and its answers to OpenAPI. The body is read by {@link OrderController#lines}, which
 * checks it.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@RequestBody(
        required = true,
        content =
                @Content(
                        mediaType = "application/json",
                        schema = @Schema(implementation = PlaceOrderOperation.OrderRequest.class),
                        examples =
                                @ExampleObject(
                                        "{\"orders\":[{\"productId\":1,\"quantity\":1},{\"productId\":2,\"quantity\":1}]}")))
@ApiResponse(
        responseCode = "200",
        description = "Fulfilled. `stocks` is what remained after this order.",
        headers =
                @Header(
                        name = "Idempotent-Replayed",
                        description = "true if this is the outcome of an earlier request with the same Idempotency-Key",
                        schema = @Schema(type = "string")),
        content =
                @Content(
                        mediaType = "application/json",
                        schema = @Schema(implementation = OrderView.class),
                        examples =
                                @ExampleObject(
                                        "{\"orderId\":\"0198c5a0-7b1e-7000-8000-000000000001\",\"mode\":\"fair\","
                                                + "\"status\":\"FULFILLED\",\"ticket\":42,"
                                                + "\"stocks\":[{\"productId\":1,\"quantity\":89},{\"productId\":2,\"quantity\":89}]}")))
@ApiResponse(
        responseCode = "202",
        description = "Accepted and not decided within the wait. `Location` is the URL of the order.",
        headers = @Header(name = "Location", description = "/v1/orders/{orderId}", schema = @Schema(type = "string")),
        content =
                @Content(
                        mediaType = "application/json",
                        schema = @Schema(implementation = OrderView.class),
                        examples =
                                @ExampleObject(
                                        "{\"orderId\":\"0198c5a0-7b1e-7000-8000-000000000001\",\"status\":\"WAITING\","
                                                + "\"ticket\":42,\"place\":13,\"estimatedWaitMs\":250}")))
@Problems({
    ProblemType.OUT_OF_STOCK,
    ProblemType.UNKNOWN_PRODUCT,
    ProblemType.INVALID_PARAMETER,
    ProblemType.KEY_REUSED,
    ProblemType.CANCELLED,
    ProblemType.INVALID_ORDER,
    ProblemType.LINE_FULL,
    ProblemType.LOCK_UNAVAILABLE,
    ProblemType.UNAVAILABLE
})
@interface PlaceOrderOperation {

    /**
     * An order; lines of the same product are added together.
     *
     * @param orders 1 to 50 lines
     */
    @Schema(name = "OrderRequest")
    record OrderRequest(List<OrderLine> orders) {}
}
