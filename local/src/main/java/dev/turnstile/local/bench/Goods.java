package dev.turnstile.local.bench;

import dev.turnstile.order.OrderLine;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** What the orders of a workload want. Each kind of goods has products of its own. */
enum Goods {
    /** One piece of the product that all orders want. */
    ONE_HOT("one hot product", 2_000_000, 1),
    /** One piece of each of three products that all orders want. */
    THREE_HOT("three hot products per order", 2_100_000, 3),
    /** One piece of one of 1,000 products; the k-th is wanted 1/k as often as the first (Zipf, exponent 1). */
    ZIPF("1,000 products by Zipf", 2_200_000, 1_000),
    /**
     * A piece of each of {A, B}, or of {B}, {A, C} or {C}, equally often: neighbours share products, and no order wants
     * all of them.
     */
    MIXED("{A, B}, {B}, {A, C}, {C} evenly mixed", 2_250_000, 3),
    /** One to ten of 10,000 products, each as likely as any other. */
    CATALOGUE("carts of 1 to 10 of 10,000 products", 2_300_000, 10_000),
    /** One to ten of 10,000 products by Zipf: a third of the carts has the first one. */
    CATALOGUE_ZIPF("carts of 1 to 10 of 10,000 products by Zipf", 2_320_000, 10_000);

    private static final int LARGEST_CART = 10;

    private static final List<List<Integer>> MIXTURE = List.of(List.of(0, 1), List.of(1), List.of(0, 2), List.of(2));

    private final String title;
    private final long firstProduct;
    private final int products;

    @SuppressWarnings("ImmutableEnumChecker") // never changed after the constructor
    private final double[] cumulated;

    Goods(String title, long firstProduct, int products) {
        this.title = title;
        this.firstProduct = firstProduct;
        this.products = products;
        this.cumulated = new double[products];
        double sum = 0;
        for (int k = 0; k < products; k++) {
            sum += 1.0 / (k + 1);
            cumulated[k] = sum;
        }
    }

    String title() {
        return title;
    }

    List<Long> products() {
        return LongStream.range(firstProduct, firstProduct + products).boxed().toList();
    }

    /** The lines of one order. */
    List<OrderLine> lines(RandomGenerator random) {
        return switch (this) {
            case ONE_HOT, THREE_HOT ->
                products().stream().map(product -> new OrderLine(product, 1)).toList();
            case ZIPF -> List.of(new OrderLine(firstProduct + index(random), 1));
            case MIXED ->
                MIXTURE.get(random.nextInt(MIXTURE.size())).stream()
                        .map(product -> new OrderLine(firstProduct + product, 1))
                        .toList();
            case CATALOGUE -> cart(random, () -> random.nextInt(products));
            case CATALOGUE_ZIPF -> cart(random, () -> index(random));
        };
    }

    private List<OrderLine> cart(RandomGenerator random, IntSupplier product) {
        return IntStream.generate(product)
                .distinct()
                .limit(1 + random.nextInt(LARGEST_CART))
                .mapToObj(index -> new OrderLine(firstProduct + index, 1))
                .toList();
    }

    private int index(RandomGenerator random) {
        int found = Arrays.binarySearch(cumulated, random.nextDouble() * cumulated[products - 1]);
        return Math.min(found < 0 ? -found - 1 : found, products - 1);
    }
}
