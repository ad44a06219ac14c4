package dev.turnstile.api.order;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.turnstile.api.json.JsonBody;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.StockLevel;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Reads an order and answers as if it were fulfilled, without ordering anything: what is left of the way of an order
 * when line, Kafka, workers and ledger are taken away. It is there only where {@code turnstile.api.noop} is true.
 */
@Hidden
@RestController
@ConditionalOnBooleanProperty("turnstile.api.noop")
class NoopController {

    private static final String STATUS = "NOOP";

    @PatchMapping(path = "/v1/noop", consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<Object> orderNothing(HttpServletRequest request) {
        List<OrderLine> lines = JsonBody.read(request, OrderController::lines);
        List<StockLevel> stocks =
                lines.stream().map(line -> new StockLevel(line.productId(), 0)).toList();
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .body(new OrderView(
                        UuidCreator.getTimeOrderedEpoch(),
                        null,
                        STATUS,
                        null,
                        null,
                        null,
                        stocks,
                        null,
                        null,
                        null,
                        null));
    }
}
