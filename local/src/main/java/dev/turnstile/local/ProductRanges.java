package dev.turnstile.local;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Product ids as a flag names them, for example {@code 1-3,7}. */
record ProductRanges(List<Range> ranges) implements LongPredicate {

    private static final Pattern RANGE = Pattern.compile("(\\d{1,16})(?:-(\\d{1,16}))?");

    /** From the first to the last id. */
    record Range(long first, long last) {}

    @Override
    public boolean test(long productId) {
        return ranges.stream().anyMatch(range -> range.first() <= productId && productId <= range.last());
    }

    /** Reads the flag. */
    static final class Converter implements ITypeConverter<ProductRanges> {
        @Override
        public ProductRanges convert(String value) {
            List<Range> ranges = new ArrayList<>();
            for (String part : value.split(",", -1)) {
                Matcher range = RANGE.matcher(part);
                if (!range.matches()) {
                    throw new TypeConversionException("'" + value + "' names no products; write it like 1-3,7");
                }
                long first = Long.parseLong(range.group(1));
                ranges.add(new Range(first, range.group(2) == null ? first : Long.parseLong(range.group(2))));
            }
            return new ProductRanges(List.copyOf(ranges));
        }
    }
}
