package dev.turnstile.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

class LeftOutTest {

    /** Not found by its name: only {@link LeftOutTest} runs it. */
    static class Some {

        @Test
        void runs() {}

        @Test
        @Disabled("until spring")
        void waits() {}

        @ParameterizedTest
        @ValueSource(strings = {"sun", "snow"})
        void wants(String weather) {
            assumeTrue(weather.equals("sun"), "no " + weather + "\n  here");
        }
    }

    /** Not found by its name: only {@link LeftOutTest} runs it. */
    static class All {

        @BeforeAll
        static void wantsWhatIsNotThere() {
            assumeTrue(false, "needs a garden");
        }

        @Test
        void digs() {}

        @Test
        void plants() {}
    }

    private static List<String> toldOf(Class<?> tests) {
        List<String> told = new ArrayList<>();
        LauncherConfig alone = LauncherConfig.builder()
                .enableTestExecutionListenerAutoRegistration(false)
                .addTestExecutionListeners(new LeftOut(told::add))
                .build();
        LauncherFactory.create(alone)
                .execute(LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass(tests))
                        .build());
        return told;
    }

    @Test
    void eachTestThatDidNotRunIsToldInOneLine() {
        assertThat(toldOf(Some.class))
                .containsExactlyInAnyOrder(
                        "left out: LeftOutTest$Some.waits: until spring",
                        "left out: LeftOutTest$Some.wants: no snow here");
    }

    @Test
    void aClassOfWhichNoneRanIsToldInOneLine() {
        assertThat(toldOf(All.class)).containsExactly("left out: LeftOutTest$All: needs a garden");
    }
}
