package dev.turnstile.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessIdentityTest {

    private final ProcessHandle self = ProcessHandle.current();

    @Test
    void isReadBackFromItsText() {
        ProcessIdentity identity = new ProcessIdentity(4711, 1_760_000_000_123L);

        assertThat(ProcessIdentity.parse(identity.toString())).contains(identity);
    }

    @Test
    void isNotReadFromOtherText() {
        assertThat(ProcessIdentity.parse("")).isEmpty();
        assertThat(ProcessIdentity.parse("4711")).isEmpty();
        assertThat(ProcessIdentity.parse("4711-")).isEmpty();
        assertThat(ProcessIdentity.parse("-4711-17")).isEmpty();
        assertThat(ProcessIdentity.parse("4711-17.tmp")).isEmpty();
        assertThat(ProcessIdentity.parse("4711-17\n")).isEmpty();
        assertThat(ProcessIdentity.parse("99999999999999999999-1")).isEmpty();
    }

    @Test
    void findsTheProcessThatStillRuns() {
        assertThat(ProcessIdentity.of(self).flatMap(ProcessIdentity::find)).contains(self);
    }

    @Test
    void neverTakesALaterProcessWithTheSamePidForTheOneItMeans() {
        long startedMs = ProcessIdentity.of(self).orElseThrow().startedMs();
        ProcessIdentity formerOwnerOfThePid = new ProcessIdentity(self.pid(), startedMs - 1);

        assertThat(formerOwnerOfThePid.find()).isEmpty();
    }
}
