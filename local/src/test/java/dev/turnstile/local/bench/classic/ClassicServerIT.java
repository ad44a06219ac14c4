package dev.turnstile.local.bench.classic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.local.demo.Expectation;
import dev.turnstile.local.demo.Experiment;
import dev.turnstile.local.demo.ModeResult;
import dev.turnstile.local.demo.Plan;
import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.FreePorts;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.order.Mode;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The classic way as processes, under a crowd over HTTP. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClassicServerIT {

    private static final int USERS = 60;
    private static final int STOCK = 50;
    private static final int PRODUCTS = 3;
    private static final String ANY_TOKEN = "none is needed";
    private static final AtomicLong NEXT_PRODUCT = new AtomicLong(6_000_000);

    private final FreePorts ports = new FreePorts(new SecureRandom());
    private ServerAddresses servers;
    private DriverManagerDataSource ledger;
    private RunFolder run;

    @BeforeAll
    void prepare() {
        servers = SharedStack.get().addresses();
        ledger = new DriverManagerDataSource(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword());
        Flyway.configure().dataSource(ledger).load().migrate();
        run = RunFolder.open(ProjectFiles.locate().runs());
    }

    @AfterAll
    void endRun() {
        run.close();
    }

    @Test
    void oneServerServesACrowdInEachModeAndSellsWhatThereIs() throws Exception {
        try (ClassicSystem system = ClassicSystem.start(run, servers, ports.next(), 0)) {
            assertThat(system.processes()).hasSize(1);
            for (Mode mode : Mode.values()) {
                assertSold(crowd(system, mode));
            }
        }
    }

    @Test
    void consumersMayBeProcessesOfTheirOwn() throws Exception {
        List<ChildProcess> processes;
        try (ClassicSystem system = ClassicSystem.start(run, servers, ports.next(), 2)) {
            processes = system.processes();
            assertThat(processes).hasSize(3).allMatch(ChildProcess::isRunning);
            assertSold(crowd(system, Mode.DISTRIBUTED));
        }
        assertThat(processes).noneMatch(ChildProcess::isRunning);
    }

    private ModeResult crowd(ClassicSystem system, Mode mode) throws Exception {
        List<Long> productIds = LongStream.generate(NEXT_PRODUCT::incrementAndGet)
                .limit(PRODUCTS)
                .boxed()
                .toList();
        Plan plan = new Plan(USERS, STOCK, productIds, Duration.ZERO, 0, Duration.ofSeconds(40));
        try (Experiment experiment = new Experiment(plan, List.of(system.api()), ANY_TOKEN, ledger)) {
            return experiment.run(mode);
        }
    }

    private static void assertSold(ModeResult result) {
        assertThat(result.figures().fulfilled()).isEqualTo(STOCK);
        assertThat(result.figures().refused()).isEqualTo(USERS - STOCK);
        assertThat(result.figures().refusedAtDoor()).isZero();
        // It knows no tickets.
        assertThat(result.expectations())
                .filteredOn(expectation -> !expectation.held())
                .extracting(Expectation::claim)
                .isSubsetOf("decided orders without a ticket");
    }
}
