package dev.turnstile.local.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.turnstile.local.system.SystemOptions.FairPartitionKey;
import org.junit.jupiter.api.Test;

class SystemOptionsTest {

    @Test
    void refusesWhatCannotRun() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SystemOptions(0, 2, 8080, FairPartitionKey.PRODUCT))
                .withMessage("apis must be at least 1, and is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SystemOptions(1, -1, 8080, FairPartitionKey.PRODUCT))
                .withMessage("workers must not be negative, and is -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SystemOptions(2, 2, 65_535, FairPartitionKey.PRODUCT))
                .withMessageContaining("between 1 and 65535");
    }

    @Test
    void namesThePartitionKeyAsTheApiDoes() {
        assertThat(FairPartitionKey.PRODUCT.property()).isEqualTo("product");
        assertThat(FairPartitionKey.ORDER.property()).isEqualTo("order");
    }
}
