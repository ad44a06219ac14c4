package dev.turnstile.line;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnstile.local.fault.FaultHandle;
import dev.turnstile.local.fault.ProcessFaults;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.RedisCluster;
import dev.turnstile.order.Order;
import dev.turnstile.stock.Stock;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.redisson.client.RedisTryAgainException;

/**
 * The line on a Redis Cluster of three masters: all that holds on one Redis, without a script that touches a key which
 * it was not called with, and what can happen to a cluster only.
 */
class LineClusterIT extends LineIT {

    /** Sent before other scripts, and never alone. */
    private static final Set<String> PARTS = Set.of("line.lua", "requests.lua");

    private static final int MASTERS = 3;
    private static final int MANY = 200;

    private RunFolder run;
    private RedisCluster cluster;
    private ScriptWatch watch;

    @Override
    List<URI> nodes() {
        return cluster.addresses();
    }

    @Override
    int many() {
        return MANY;
    }

    @BeforeAll
    @Override
    void connect() {
        run = RunFolder.open(ProjectFiles.locate().runs());
        cluster = RedisCluster.start(run, MASTERS);
        super.connect();
    }

    @AfterAll
    @Override
    void disconnect() {
        super.disconnect();
        run.close();
    }

    @BeforeEach
    void watchScripts() {
        watch = ScriptWatch.on(cluster.master(master()).uri());
    }

    @AfterEach
    void noScriptTouchedAKeyThatWasNotDeclared() {
        assertThat(watch.end().undeclared()).isEmpty();
    }

    private int master() {
        return cluster.masterOf(LineKeys.STATE);
    }

    private static int next(int master) {
        return (master + 1) % MASTERS;
    }

    @Test
    void everyScriptRunsOnTheMasterOfTheLine() throws Exception {
        newLine();
        LineStatus board = new LineStatus(lineRedis.client());
        join(board.report("a", new WorkerReport(0, 0, 0, 0, 0, 0)));
        join(board.look(List.of(1L, 2L)));
        LineHead worker = worker("a");
        Order leaving = order(1);
        draw(leaving);
        join(door.cancel(leaving));
        join(door.beat());
        join(door.traffic());
        List<TicketedOrder> parkings = drawn(order(1), order(1, 2));
        park(worker, parkings);
        join(worker.mend(parkings));
        theCacheNeverGoesBackToAnOlderVersion();
        theStockCacheIsWrittenByVersionAndRead();
        theCacheRefusesByWhatIsKnownToBeSoAMomentAgo();

        assertThat(watch.end().scripts()).containsExactlyInAnyOrderElementsOf(scriptsOfTheLine());
    }

    private static Set<String> scriptsOfTheLine() throws IOException, NoSuchAlgorithmException {
        Path folder = ProjectFiles.locate().root().resolve("common/src/main/resources/redis");
        Pattern after = Pattern.compile("^-- After (.*)\\.$", Pattern.MULTILINE);
        Set<String> shas = new HashSet<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                // requests under a key may be on any node; the scripts that compare the cache can't be called from here
                boolean elsewhere = name.startsWith("redlock") || name.startsWith("request-");
                if (elsewhere
                        || PARTS.contains(name)
                        || name.equals("stock-mend.lua")
                        || name.equals("stock-read.lua")) {
                    continue;
                }
                String script = Files.readString(file);
                StringBuilder sent = new StringBuilder();
                Matcher parts = after.matcher(script);
                if (parts.find()) {
                    for (String part : parts.group(1).split(" and ", -1)) {
                        sent.append(Files.readString(folder.resolve(part))).append('\n');
                    }
                }
                byte[] sha = MessageDigest.getInstance("SHA-1")
                        .digest(sent.append(script).toString().getBytes(StandardCharsets.UTF_8));
                shas.add(HexFormat.of().formatHex(sha));
            }
        }
        return shas;
    }

    /**
     * While the keys of the line are on two masters, or on the way, Redis refuses a script that names keys of both or a
     * key that does not exist. Redisson tries once more, then the call fails, and has done nothing.
     */
    @Test
    void theLineMovesToAnotherMasterWithOrdersInIt() {
        LineHead worker = worker("a");
        LineHead keeper = worker("b");
        List<TicketedOrder> parkings = new ArrayList<>(drawn(order(1), order(1, 2), order(2), order(1)));
        park(worker, parkings.subList(0, 2));
        Claim claim = claim(worker).orElseThrow();
        park(keeper, parkings.subList(2, 4));
        FinishedRun handback = FinishedRun.decided(claim, List.of(new Stock(1, 5, 7)));
        int there = next(master());
        Order patient = order(1);
        List<CompletionStage<Ticket>> patientDraw = new ArrayList<>();

        cluster.moveSlotOf(LineKeys.STATE, there, () -> {
            assertThatThrownBy(() -> draw(order(1, 9))).hasCauseInstanceOf(RedisTryAgainException.class);
            assertThatThrownBy(() -> join(worker.turn(handback, 0))).hasCauseInstanceOf(RedisTryAgainException.class);
            patientDraw.add(door.draw(patient));
        });

        assertThat(master()).isEqualTo(there);
        parkings.add(new TicketedOrder(patient, join(patientDraw.get(0))));
        parkings.addAll(drawn(order(1, 9)));
        park(keeper, parkings.subList(4, 6));
        assertThat(claim(keeper)).as("another master's memory, not whole yet").isEmpty();
        makeWhole();
        assertThat(claim(keeper)).as("the claim moved with its products").isEmpty();
        join(worker.turn(handback, 0));
        assertThat(decideAll(keeper)).isEqualTo(tickets(parkings.subList(2, 6)));
    }

    @Test
    void theLineGoesOnWhenAnotherMasterIsDown() {
        int master = master();
        int other = next(master);
        LineHead worker = worker("a");
        List<TicketedOrder> parkings = new ArrayList<>(drawn(order(1), order(1, 2)));
        park(worker, parkings.get(0));
        Claim claim = claim(worker).orElseThrow();

        try (FaultHandle down = ProcessFaults.kill(cluster.master(other).process())) {
            cluster.awaitMissed(other, master);
            parkings.addAll(drawn(order(1), order(2)));
            park(worker, parkings.subList(1, 4));
            join(worker.turn(FinishedRun.decided(claim, List.of()), 0));
            assertThat(decideAll(worker)).isEqualTo(tickets(parkings.subList(1, 4)));
        }
        cluster.awaitWhole();
    }
}
