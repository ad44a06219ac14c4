package dev.turnstile.local.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line in the results of a benchmark. */
class BenchCommandTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "bench --only drain > bench --only drain",
                "bench --mysql-password=se-cret --quick > bench --mysql-password --quick",
                "bench --mysql-password se-cret --quick > bench --mysql-password --quick",
                "bench --mysql-password --quick > bench --mysql-password --quick",
                "bench --redis-line=redis://me:se@cret@host:1/2 > bench --redis-line=redis://host:1/2",
                "bench --redlock-nodes redis://:se-cret@a:1,rediss://u:se@b:2 > bench --redlock-nodes redis://a:1,rediss://b:2",
                "bench --mysql-url jdbc:mysql://h:1/s?password=se-cret&x=1 > bench --mysql-url jdbc:mysql://h:1/s?password=...&x=1",
            })
    void noPasswordStandsInAResult(String typed, String shown) {
        assertThat(BenchCommand.withoutPasswords(List.of(typed.split(" ")))).isEqualTo(shown);
    }
}
