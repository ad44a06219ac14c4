package dev.turnstile.api.order;

import com.github.f4b6a3.uuid.util.UuidValidator;
import dev.turnstile.api.ApiProperties;
import dev.turnstile.api.http.LateAnswer;
import dev.turnstile.api.json.JsonBody;
import dev.turnstile.api.json.JsonFields;
import dev.turnstile.api.order.ArrivalOrder.Arrival;
import dev.turnstile.api.order.IntakeResult.Decided;
import dev.turnstile.api.order.IntakeResult.NotAccepted;
import dev.turnstile.api.order.IntakeResult.SoldOut;
import dev.turnstile.api.order.IntakeResult.Waiting;
import dev.turnstile.api.problem.Problem;
import dev.turnstile.api.problem.ProblemException;
import dev.turnstile.api.problem.ProblemHandler;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Orders over HTTP. A request that waits holds no thread. */
@Tag(name = "Orders")
@RestController
class OrderController {

    static final String FAIR_PATH = "/v1/stocks/locks/fair";
    static final String DISTRIBUTED_PATH = "/v1/stocks/locks/distributed";

    private static final String PREFER = "Prefer";
    private static final String REPLAYED = "Idempotent-Replayed";

    private final OrderIntake intake;
    private final IdempotentOrderIntake idempotentOrderIntake;
    private final OrderLookup lookup;
    private final OrderStreams streams;
    private final OrderCancellation cancellation;
    private final AnswerMetrics watch;
    private final Duration waitLimit;

    OrderController(
            OrderIntake intake,
            IdempotentOrderIntake idempotentOrderIntake,
            OrderLookup lookup,
            OrderStreams streams,
            OrderCancellation cancellation,
            AnswerMetrics watch,
            ApiProperties properties) {
        this.intake = intake;
        this.idempotentOrderIntake = idempotentOrderIntake;
        this.lookup = lookup;
        this.streams = streams;
        this.cancellation = cancellation;
        this.watch = watch;
        this.waitLimit = properties.waitLimit();
    }

    @Operation(summary = "Orders under the ticket line: strict first come, first served")
    @PlaceOrderOperation
    @Parameter(name = PREFER, in = ParameterIn.HEADER, description = "wait=N (seconds) or respond-async (RFC 7240)")
    @Parameter(name = IdempotencyKey.HEADER, in = ParameterIn.HEADER, description = IdempotencyKey.DESCRIPTION)
    @PatchMapping(path = FAIR_PATH, consumes = MediaType.APPLICATION_JSON_VALUE)
    LateAnswer orderFairly(HttpServletRequest request) {
        return new LateAnswer(order(Mode.FAIR, request, ArrivalFilter.of(request)));
    }

    @Operation(summary = "Orders under Redlock: fast mutual exclusion, in no order")
    @PlaceOrderOperation
    @Parameter(name = PREFER, in = ParameterIn.HEADER, description = "wait=N (seconds) or respond-async (RFC 7240)")
    @Parameter(name = IdempotencyKey.HEADER, in = ParameterIn.HEADER, description = IdempotencyKey.DESCRIPTION)
    @PatchMapping(path = DISTRIBUTED_PATH, consumes = MediaType.APPLICATION_JSON_VALUE)
    LateAnswer orderDistributed(HttpServletRequest request) {
        return new LateAnswer(order(Mode.DISTRIBUTED, request, null));
    }

    @Operation(summary = "What became of an order, or where it stands")
    @GetOrderOperation
    @GetMapping("/v1/orders/{orderId}")
    CompletableFuture<ResponseEntity<OrderView>> find(@PathVariable String orderId) {
        return lookup.find(orderId(orderId)).thenApply(OrderController::ok);
    }

    @Operation(summary = "Where an order stands while it waits, and what became of it, as server-sent events")
    @FollowOrderOperation
    @GetMapping(path = "/v1/orders/{orderId}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    CompletableFuture<SseEmitter> follow(@PathVariable String orderId, HttpServletResponse response) {
        response.setHeader("X-Accel-Buffering", "no"); // a proxy would keep events back
        return lookup.find(orderId(orderId)).thenApply(streams::open);
    }

    @Operation(summary = "Leaves the line, if the order is not decided yet")
    @CancelOrderOperation
    @DeleteMapping("/v1/orders/{orderId}")
    CompletableFuture<ResponseEntity<Object>> cancel(@PathVariable String orderId) {
        return cancellation.cancel(orderId(orderId)).thenApply(decision -> {
            if (decision.outcome() instanceof Outcome.Cancelled) {
                return ok(OrderView.of(decision));
            }
            return Problem.of(
                            ProblemType.ALREADY_DECIDED,
                            "The order was decided before: "
                                    + decision.outcome().status() + ".")
                    .with("orderId", decision.orderId())
                    .with("outcome", decision.outcome().status())
                    .response();
        });
    }

    private static <T> ResponseEntity<T> ok(T body) {
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(body);
    }

    private static UUID orderId(String text) {
        if (!UuidValidator.isValid(text) || text.length() != 36) {
            throw new ProblemException(ProblemType.INVALID_PARAMETER, "orderId must be a UUID with hyphens.");
        }
        return UUID.fromString(text);
    }

    private CompletionStage<ResponseEntity<Object>> order(
            Mode mode, HttpServletRequest request, @Nullable Arrival arrival) {
        long start = System.nanoTime();
        AnswerMetrics.claim(request);
        CompletionStage<IdempotentOrderIntake.Answer> answered;
        try {
            answered = submit(mode, request, arrival);
        } catch (RuntimeException e) {
            watch.failed(mode, ProblemHandler.typeOf(e), System.nanoTime() - start);
            throw e;
        }
        return answered.whenComplete((answer, failure) -> {
                    long took = System.nanoTime() - start;
                    if (failure == null) {
                        watch.answered(mode, answer.reception(), took);
                    } else {
                        watch.failed(mode, ProblemHandler.typeOf(failure), took);
                    }
                })
                .thenApply(OrderController::answer);
    }

    private CompletionStage<IdempotentOrderIntake.Answer> submit(
            Mode mode, HttpServletRequest request, @Nullable Arrival arrival) {
        IdempotencyKey key = IdempotencyKey.of(request.getHeaders(IdempotencyKey.HEADER));
        List<OrderLine> lines = JsonBody.read(request, OrderController::lines);
        Duration wait = Prefer.parse(request.getHeaders(PREFER)).waitWithin(waitLimit);
        return key == null
                ? intake.submit(mode, lines, wait, arrival)
                        .thenApply(reception -> new IdempotentOrderIntake.Answer(reception, false))
                : idempotentOrderIntake.submit(key, mode, lines, wait, arrival);
    }

    static List<OrderLine> lines(JsonFields body) {
        return body.only("orders").objects("orders", 1, Order.MAX_LINES, line -> {
            line.only("productId", "quantity");
            return new OrderLine(line.wholeNumber("productId", 1, OrderLine.MAX_PRODUCT_ID), (int)
                    line.wholeNumber("quantity", 1, OrderLine.MAX_QUANTITY));
        });
    }

    private static ResponseEntity<Object> answer(IdempotentOrderIntake.Answer answer) {
        ResponseEntity<Object> response = answer(answer.reception());
        return answer.replayed()
                ? ResponseEntity.status(response.getStatusCode())
                        .headers(response.getHeaders())
                        .header(REPLAYED, "true")
                        .body(response.getBody())
                : response;
    }

    private static ResponseEntity<Object> answer(IntakeResult reception) {
        if (reception instanceof Decided decided) {
            return answer(decided.decision());
        }
        if (reception instanceof Waiting waiting) {
            return ResponseEntity.status(HttpStatus.ACCEPTED)
                    .location(URI.create(location(waiting.orderId())))
                    .contentType(MediaType.APPLICATION_JSON)
                    .body(OrderView.waiting(waiting.orderId(), waiting.ticket(), waiting.place(), waiting.estimate()));
        }
        if (reception instanceof SoldOut soldOut) {
            return Problem.of(ProblemType.OUT_OF_STOCK, OutcomeProblem.inWords(soldOut.shortages()))
                    .with("mode", soldOut.mode())
                    .with("shortages", soldOut.shortages())
                    .response();
        }
        NotAccepted refused = (NotAccepted) reception;
        Problem problem = Problem.of(refused.problem(), refused.reason());
        if (refused.inDoubt()) {
            problem = problem.with("orderId", refused.orderId())
                    .withHeader(HttpHeaders.LOCATION, location(refused.orderId()));
        }
        return problem.response();
    }

    private static ResponseEntity<Object> answer(Decision decision) {
        OutcomeProblem meaning = OutcomeProblem.of(decision.outcome());
        ProblemType type = meaning.problem();
        if (type == null) {
            return ok(OrderView.fulfilled(decision));
        }
        String detail = meaning.detail() == null ? type.remedy() : meaning.detail();
        return Problem.of(type, detail)
                .with("orderId", decision.orderId())
                .with("mode", decision.mode())
                .with("ticket", decision.ticket())
                .with("shortages", meaning.shortages())
                .with("productIds", meaning.productIds())
                .response();
    }

    private static String location(UUID orderId) {
        return "/v1/orders/" + orderId;
    }
}
