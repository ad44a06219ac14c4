package dev.turnstile.api.openapi;

import dev.turnstile.api.problem.ProblemType;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springframework.web.method.HandlerMethod;

/**
 * Describes to OpenAPI every error that an operation is answered with: the types that its method names with
 * {@link Problems}, those of everything that has a body, and those that everything may be answered with.
 */
final class ProblemResponseCustomizer implements OperationCustomizer {

    static final String SCHEMA = "Problem";

    private static final List<ProblemType> OF_ALL = List.of(
            ProblemType.BAD_REQUEST,
            ProblemType.BODY_TOO_LARGE,
            ProblemType.BODY_TIMEOUT,
            ProblemType.NOT_ACCEPTABLE,
            ProblemType.ORIGIN_NOT_ALLOWED,
            ProblemType.UNAVAILABLE,
            ProblemType.INTERNAL_ERROR);

    private static final List<ProblemType> OF_BODIES =
            List.of(ProblemType.MALFORMED_JSON, ProblemType.INVALID_REQUEST, ProblemType.UNSUPPORTED_MEDIA_TYPE);

    /** Members of some types besides the common ones. */
    private static final Map<ProblemType, Map<String, Object>> MEMBERS = Map.of(
            ProblemType.INVALID_REQUEST,
            Map.of(
                    "errors",
                    List.of(ordered("field", "orders[0].quantity", "message", "must be from 1 to 10000, was -5"))),
            ProblemType.OUT_OF_STOCK,
            ordered(
                    "orderId",
                    "0198c5a0-7b1e-7000-8000-000000000001",
                    "mode",
                    "fair",
                    "ticket",
                    91,
                    "shortages",
                    List.of(ordered("productId", 1, "requested", 1, "available", 0))),
            ProblemType.UNKNOWN_PRODUCT,
            Map.of("productIds", List.of(99)),
            ProblemType.ALREADY_DECIDED,
            ordered("orderId", "0198c5a0-7b1e-7000-8000-000000000001", "outcome", "FULFILLED"));

    @Override
    public Operation customize(Operation operation, HandlerMethod method) {
        List<ProblemType> types = new ArrayList<>(OF_ALL);
        if (operation.getRequestBody() != null) {
            types.addAll(OF_BODIES);
        }
        Problems own = method.getMethodAnnotation(Problems.class);
        if (own != null) {
            types.addAll(List.of(own.value()));
        }
        Map<Integer, List<ProblemType>> byStatus = types.stream()
                .distinct()
                .collect(Collectors.groupingBy(type -> type.status().value(), TreeMap::new, Collectors.toList()));
        byStatus.forEach((status, same) -> operation.getResponses().addApiResponse(status.toString(), answer(same)));
        return operation;
    }

    private static ApiResponse answer(List<ProblemType> types) {
        MediaType document = new MediaType().schema(new Schema<>().$ref("#/components/schemas/" + SCHEMA));
        types.forEach(type -> document.addExamples(
                type.slug(), new Example().summary(type.title()).value(example(type))));
        ApiResponse answer = new ApiResponse()
                .description(types.stream()
                        .map(type -> "`" + type.slug() + "`: " + type.title() + ".")
                        .collect(Collectors.joining(" ")))
                .content(new Content()
                        .addMediaType(org.springframework.http.MediaType.APPLICATION_PROBLEM_JSON_VALUE, document));
        if (types.stream().anyMatch(ProblemType::retryable)) {
            answer.addHeaderObject(
                    "Retry-After",
                    new Header().description("Seconds after which to retry").schema(new StringSchema()));
        }
        return answer;
    }

    private static Map<String, Object> example(ProblemType type) {
        Map<String, Object> example = ordered(
                "type",
                type.uri().toString(),
                "title",
                type.title(),
                "status",
                type.status().value());
        example.put("detail", type.remedy());
        example.putAll(MEMBERS.getOrDefault(type, Map.of()));
        return example;
    }

    /** What a problem document looks like; its types are those there are. */
    static Schema<?> schema() {
        StringSchema type = new StringSchema();
        type.description("Stable: clients may decide by it. Open it to read what it means.");
        type.setEnum(Arrays.stream(ProblemType.values())
                .map(one -> one.uri().toString())
                .toList());
        Schema<Object> schema = new Schema<>();
        schema.type("object").description("An error (RFC 9457); some types have further members.");
        schema.addProperty("type", type);
        schema.addProperty("title", new StringSchema());
        schema.addProperty("status", new Schema<Integer>().type("integer"));
        schema.addProperty("detail", new StringSchema());
        schema.required(List.of("type", "title", "status", "detail"));
        return schema;
    }

    /** All types, for people. */
    static String table() {
        return Arrays.stream(ProblemType.values())
                .map(type -> "| `%s` | %d | %s. %s |"
                        .formatted(type.slug(), type.status().value(), type.title(), type.remedy()))
                .collect(Collectors.joining("\n", "\n\n| problem | status | meaning |\n| --- | --- | --- |\n", "\n"));
    }

    private static Map<String, Object> ordered(Object... namesAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return map;
    }
}
