package dev.turnstile.api.order;

import dev.turnstile.api.openapi.Problems;
import dev.turnstile.api.problem.ProblemType;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Describes to OpenAPI how a question for an order is answered. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ApiResponse(
        responseCode = "200",
        description = "The order, whatever became of it.",
        content =
                @Content(
                        mediaType = "application/json",
                        schema = @Schema(implementation = OrderView.class),
                        examples = {
                            @ExampleObject(
                                    name = "waiting",
                                    value =
                                            "{\"orderId\":\"0198c5a0-7b1e-7000-8000-000000000001\",\"status\":\"WAITING\","
                                                    + "\"ticket\":42,\"place\":13,\"estimatedWaitMs\":250}"),
                            @ExampleObject(
                                    name = "decided",
                                    value = "{\"orderId\":\"0198c5a0-7b1e-7000-8000-000000000001\",\"mode\":\"fair\","
                                            + "\"status\":\"OUT_OF_STOCK\",\"ticket\":42,"
                                            + "\"shortages\":[{\"productId\":1,\"requested\":1,\"available\":0}],"
                                            + "\"detail\":\"Product 1: requested 1, available 0. No stock was taken.\","
                                            + "\"decidedAt\":\"2026-01-02T03:04:05Z\"}")
                        }))
@Problems({ProblemType.INVALID_PARAMETER, ProblemType.UNKNOWN_ORDER})
@interface GetOrderOperation {}
