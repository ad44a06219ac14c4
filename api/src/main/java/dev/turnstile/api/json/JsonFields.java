package dev.turnstile.api.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The fields of one JSON object. Faults are gathered, not thrown: after a fault a reader gets a harmless stand-in, and
 * the whole request is refused once it has been read.
 */
public final class JsonFields {

    private static final int LONGEST_QUOTE = 40;

    private final JsonNode object;
    private final String path;
    private final FieldErrors errors;

    private JsonFields(JsonNode object, String path, FieldErrors errors) {
        this.object = object;
        this.path = path;
        this.errors = errors;
    }

    static JsonFields of(JsonNode node, String path, FieldErrors errors) {
        if (!node.isObject()) {
            errors.add(path, "must be an object, was " + described(node));
        }
        return new JsonFields(node, path, errors);
    }

    /** Refuses every field but these. */
    public JsonFields only(String... names) {
        if (object.isObject()) {
            Set<String> known = new TreeSet<>(List.of(names));
            for (String name : object.propertyNames()) {
                if (!known.contains(name)) {
                    errors.add(
                            at(shortened(name)),
                            "is not a known field; remove it (known: " + String.join(", ", known) + ")");
                }
            }
        }
        return this;
    }

    /**
     * A whole number, written as a JSON number without fraction or exponent.
     *
     * @return the number, or {@code min} if it is missing, of another type, or out of bounds
     */
    public long wholeNumber(String name, long min, long max) {
        JsonNode node = field(name);
        if (node == null) {
            return min;
        }
        if (!node.isIntegralNumber()) {
            errors.add(at(name), "must be a whole number from %d to %d, was %s".formatted(min, max, described(node)));
            return min;
        }
        if (!node.canConvertToLong() || node.longValue() < min || node.longValue() > max) {
            errors.add(at(name), "must be from %d to %d, was %s".formatted(min, max, described(node)));
            return min;
        }
        return node.longValue();
    }

    /**
     * A list of objects.
     *
     * @return what {@code reading} makes of each of them; empty if the list is missing, of another type, or has too few
     *     or too many elements
     */
    public <T> List<T> objects(String name, int min, int max, Function<JsonFields, T> reading) {
        JsonNode node = field(name);
        if (node == null) {
            return List.of();
        }
        if (!node.isArray()) {
            errors.add(at(name), "must be a list of %d to %d objects, was %s".formatted(min, max, described(node)));
            return List.of();
        }
        if (node.size() < min || node.size() > max) {
            errors.add(at(name), "must have %d to %d elements, has %d".formatted(min, max, node.size()));
            return List.of();
        }
        List<T> values = new ArrayList<>(node.size());
        for (int i = 0; i < node.size(); i++) {
            values.add(reading.apply(of(node.get(i), at(name) + "[" + i + "]", errors)));
        }
        return values;
    }

    private @Nullable JsonNode field(String name) {
        if (!object.isObject()) {
            return null;
        }
        JsonNode node = object.get(name);
        if (node == null) {
            errors.add(at(name), "is missing");
        }
        return node;
    }

    private String at(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private static String described(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "a list";
            case STRING -> "the text \"" + shortened(node.stringValue()) + "\"";
            default -> shortened(node.toString());
        };
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "…";
    }
}
