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

/** Describes the events of an order to OpenAPI. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ApiResponse(
        responseCode = "200",
        description = "`waiting` while its place changes, and `decided` at last; each has the order as its data."
                + " `unknown` ends a stream of whose order nothing is known any more.",
        content =
                @Content(
                        mediaType = "text/event-stream",
                        schema = @Schema(type = "string"),
                        examples =
                                @ExampleObject(
                                        "event:waiting\ndata:{\"orderId\":\"0198c5a0-7b1e-7000-8000-000000000001\","
                                                + "\"status\":\"WAITING\",\"ticket\":42,\"place\":13,\"estimatedWaitMs\":250}\n\n"
                                                + "event:decided\ndata:{\"orderId\":\"0198c5a0-7b1e-7000-8000-000000000001\","
                                                + "\"mode\":\"fair\",\"status\":\"FULFILLED\",\"ticket\":42}\n\n")))
@Problems({ProblemType.INVALID_PARAMETER, ProblemType.UNKNOWN_ORDER})
@interface FollowOrderOperation {}
