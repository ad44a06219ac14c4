package dev.turnstile.local.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.turnstile.order.OrderLine;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GoodsTest {

    @Test
    void everyOrderForHotGoodsWantsAllOfThem() {
        assertThat(Goods.THREE_HOT.lines(new Random(1)))
                .extracting(OrderLine::productId)
                .isEqualTo(Goods.THREE_HOT.products());
        assertThat(Goods.ONE_HOT.lines(new Random(1))).hasSize(1);
    }

    @Test
    void theTenthProductIsWantedATenthAsOftenAsTheFirst() {
        Random random = new Random(1);
        List<Long> wanted = Stream.generate(
                        () -> Goods.ZIPF.lines(random).get(0).productId())
                .limit(200_000)
                .toList();
        long first = Goods.ZIPF.products().get(0);
        double most = wanted.stream().filter(product -> product == first).count();
        double tenth = wanted.stream().filter(product -> product == first + 9).count();
        assertThat(tenth / most).isCloseTo(0.1, within(0.01));
        assertThat(wanted).allMatch(Goods.ZIPF.products()::contains);
    }
}
