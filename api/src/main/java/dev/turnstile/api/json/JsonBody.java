package dev.turnstile.api.json;

import dev.turnstile.api.http.RequestBody;
import dev.turnstile.api.problem.ProblemException;
import dev.turnstile.api.problem.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the JSON body of a request and trusts nothing about it. Whatever is wrong becomes a problem that names the
 * field: nothing is coerced, ignored or repaired, because a guessed quantity is one that no client ordered.
 */
public final class JsonBody {

    private static final int MAX_DEPTH = 10;
    private static final int MAX_NUMBER_LENGTH = 40;

    private static final String DUPLICATE = "Duplicate Object property";

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxNumberLength(MAX_NUMBER_LENGTH)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonBody() {}

    /**
     * Reads the body and makes a value of it.
     *
     * @param request its body has arrived, and is taken from it
     * @param reading takes the fields it knows; all others are refused
     * @throws ProblemException {@link ProblemType#MALFORMED_JSON} or {@link ProblemType#INVALID_REQUEST}
     */
    public static <T> T read(HttpServletRequest request, Function<JsonFields, T> reading) {
        return parse(RequestBody.take(request), reading);
    }

    static <T> T parse(byte[] json, Function<JsonFields, T> reading) {
        FieldErrors errors = new FieldErrors();
        T value = reading.apply(JsonFields.of(tree(text(json)), "", errors));
        errors.throwIfAny();
        return value;
    }

    private static String text(byte[] json) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(json);
        CharBuffer out = CharBuffer.allocate(json.length);
        CoderResult result = decoder.decode(in, out, true);
        if (result.isError()) {
            throw malformed("Byte %d of the body is not UTF-8.".formatted(in.position()));
        }
        return out.flip().toString();
    }

    private static JsonNode tree(String text) {
        if (text.isBlank()) {
            throw malformed("The body is empty; send a JSON object.");
        }
        try {
            return MAPPER.readTree(text);
        } catch (StreamConstraintsException e) {
            throw malformed("The body is nested deeper than %d levels or has a number of more than %d digits."
                    .formatted(MAX_DEPTH, MAX_NUMBER_LENGTH));
        } catch (JacksonException e) {
            throw malformed(described(e));
        }
    }

    /** In our own words, but for a field that is there twice: Jackson's speak of its classes and settings. */
    private static String described(JacksonException e) {
        TokenStreamLocation at = e.getLocation();
        String where = at == null ? "" : " (line %d, column %d)".formatted(at.getLineNr(), at.getColumnNr());
        String message = e.getOriginalMessage();
        String what = message.startsWith(DUPLICATE) ? message : "This is not readable JSON";
        return what + where + ".";
    }

    private static ProblemException malformed(String detail) {
        return new ProblemException(ProblemType.MALFORMED_JSON, detail);
    }
}
