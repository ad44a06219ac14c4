package dev.turnstile.api.order;

import dev.turnstile.order.OrderLine;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;

/** Describes the body of an order to OpenAPI. It is read by {@link OrderController#lines}, which checks it. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@RequestBody(
        required = true,
        content =
                @Content(
                        mediaType = "application/json",
                        schema = @Schema(implementation = OrderRequestBody.OrderRequest.class),
                        examples =
                                @ExampleObject(
                                        "{\"orders\":[{\"productId\":1,\"quantity\":1},{\"productId\":2,\"quantity\":1}]}")))
@interface OrderRequestBody {

    /**
     * An order; lines of the same product are added together.
     *
     * @param orders 1 to 50 lines
     */
    @Schema(name = "OrderRequest")
    record OrderRequest(List<OrderLine> orders) {}
}
