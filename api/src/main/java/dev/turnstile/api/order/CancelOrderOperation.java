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

/** Describes to OpenAPI how it is answered when an order is to leave the line. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ApiResponse(
        responseCode = "200",
        description = "The order left the line, now or earlier. No stock was taken.",
        content =
                @Content(
                        mediaType = "application/json",
                        schema = @Schema(implementation = OrderView.class),
                        examples =
                                @ExampleObject(
                                        "{\"orderId\":\"0198c5a0-7b1e-7000-8000-000000000001\",\"mode\":\"fair\","
                                                + "\"status\":\"CANCELLED\",\"ticket\":42,"
                                                + "\"detail\":\"The order left the line before it was decided.\","
                                                + "\"decidedAt\":\"2026-01-02T03:04:05Z\"}")))
@Problems({
    ProblemType.INVALID_PARAMETER,
    ProblemType.UNKNOWN_ORDER,
    ProblemType.ALREADY_DECIDED,
    ProblemType.NOT_IN_LINE
})
@interface CancelOrderOperation {}
