package dev.turnstile.local.demo;

import dev.turnstile.order.Mode;
import java.util.List;

/**
 * An experiment in one mode, judged.
 *
 * @param mode the way the users ordered
 * @param figures the figures
 * @param stocks what remains of each product
 * @param expectations what had to be true, held or not
 * @param buyers one record per user, in the order of sending
 */
public record ModeResult(
        Mode mode,
        DemoFigures figures,
        List<ProductStock> stocks,
        List<Expectation> expectations,
        List<BuyerRecord> buyers) {

    /** Whether every expectation held. */
    public boolean held() {
        return expectations.stream().allMatch(Expectation::held);
    }
}
