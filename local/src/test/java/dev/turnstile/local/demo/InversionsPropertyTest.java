package dev.turnstile.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class InversionsPropertyTest {

    @Property
    void countsWhatComparingEveryPairCounts(@ForAll @Size(max = 60) @LongRange(min = -5, max = 50) long[] values) {
        long[] before = values.clone();

        assertThat(Inversions.count(values)).isEqualTo(byComparingEveryPair(values));
        assertThat(values).containsExactly(before);
    }

    @Example
    void countsBeyondTheRangeOfInt() {
        long size = 100_000;
        long[] reversed = LongStream.range(0, size).map(i -> size - i).toArray();

        assertThat(Inversions.count(reversed)).isEqualTo(size * (size - 1) / 2);
    }

    private static long byComparingEveryPair(long[] values) {
        long count = 0;
        for (int i = 0; i < values.length; i++) {
            for (int j = i + 1; j < values.length; j++) {
                if (values[i] > values[j]) {
                    count++;
                }
            }
        }
        return count;
    }
}
