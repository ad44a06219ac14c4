package dev.turnstile.api.stock;

import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Describes the stock of one product to OpenAPI. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ApiResponse(
        responseCode = "200",
        description = "Its stock. `quantity` is what MySQL has, `cachedQuantity` what the cache has, or null.",
        content =
                @Content(
                        mediaType = "application/json",
                        schema = @Schema(implementation = StockView.class),
                        examples = @ExampleObject("{\"productId\":1,\"quantity\":90,\"cachedQuantity\":90}")))
@interface StockAnswer {}
