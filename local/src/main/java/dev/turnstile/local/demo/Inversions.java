package dev.turnstile.local.demo;

import java.util.Arrays;

/** Counts how far a sequence is from being sorted. */
public final class Inversions {

    private Inversions() {}

    /**
     * The number of pairs in which a greater value stands before a smaller one: 0 if sorted, {@code n(n−1)/2} if
     * reversed. Takes {@code O(n log n)} (Knuth, The Art of Computer Programming 3, 5.1.1: counted while merging).
     */
    public static long count(long[] values) {
        return countAndSort(Arrays.copyOf(values, values.length), new long[values.length], 0, values.length);
    }

    private static long countAndSort(long[] values, long[] buffer, int from, int to) {
        if (to - from < 2) {
            return 0;
        }
        int middle = (from + to) >>> 1;
        long count = countAndSort(values, buffer, from, middle) + countAndSort(values, buffer, middle, to);
        int left = from;
        int right = middle;
        for (int i = from; i < to; i++) {
            if (right == to || (left < middle && values[left] <= values[right])) {
                buffer[i] = values[left++];
            } else {
                buffer[i] = values[right++];
                count += middle - left;
            }
        }
        System.arraycopy(buffer, from, values, from, to - from);
        return count;
    }
}
