package dev.turnstile.local.bench;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.Jcmd;
import dev.turnstile.order.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/**
 * Where a worker's time goes while it drains one hot product: samples of JDK Flight Recorder, by thread and by the
 * innermost method that is ours, or the library's below it. The time of the servers per order is in the table of
 * processor time. Without {@code jcmd} (a Java runtime that is no JDK) nothing is measured.
 */
final class ProfileSuite implements Suite {

    static final String KEY = "profile";
    private static final String SHARE = "% of samples";
    private static final int DRAINS = 5;
    private static final int ROWS = 15;
    private static final Duration JCMD_LIMIT = Duration.ofSeconds(30);

    @Override
    public String key() {
        return KEY;
    }

    @Override
    public void measure(
            BenchEnvironment rig, BenchPlan plan, BenchFigures figures, Random random, Consumer<String> progress)
            throws Exception {
        for (Mode mode : Mode.values()) {
            progress.accept("profile of a worker, " + TurnstileDrain.name(mode));
            ChildProcess worker = rig.system().runningWorkers().get(0);
            Path recording = Files.createTempFile("turnstile", ".jfr");
            try {
                drain(rig, plan, mode, random, 1);
                Jcmd.give(worker, "JFR.start", "name=drain", "settings=profile").await(JCMD_LIMIT);
                drain(rig, plan, mode, random, plan.quick() ? 1 : DRAINS);
                Jcmd.give(worker, "JFR.dump", "name=drain", "filename=" + recording)
                        .await(JCMD_LIMIT);
                Jcmd.give(worker, "JFR.stop", "name=drain").await(JCMD_LIMIT);
                tell(recording, "one hot product, " + TurnstileDrain.name(mode), figures);
            } catch (IOException e) {
                progress.accept("no profile: " + e.getMessage());
                return;
            } finally {
                Files.deleteIfExists(recording);
            }
        }
    }

    private static void drain(BenchEnvironment rig, BenchPlan plan, Mode mode, Random random, int times)
            throws Exception {
        for (int i = 0; i < times; i++) {
            new TurnstileDrain(mode, plan.turnstileDrain(Goods.ONE_HOT), rig).drain(Goods.ONE_HOT, random);
        }
    }

    private static void tell(Path recording, String workload, BenchFigures figures) throws IOException {
        Map<String, Integer> byThread = new HashMap<>();
        Map<String, Integer> byMethod = new HashMap<>();
        int samples = 0;
        try (RecordingFile file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                RecordedEvent event = file.readEvent();
                if (event.getEventType().getName().equals("jdk.ExecutionSample")) {
                    samples++;
                    byThread.merge("thread " + thread(event), 1, Integer::sum);
                    byMethod.merge("in " + method(event), 1, Integer::sum);
                }
            }
        }
        report(byThread, samples, workload, figures);
        report(byMethod, samples, workload, figures);
    }

    private static void report(Map<String, Integer> counts, int samples, String workload, BenchFigures figures) {
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
                .limit(ROWS)
                .forEach(
                        entry -> figures.add(KEY, workload, entry.getKey(), SHARE, 100.0 * entry.getValue() / samples));
    }

    /** Threads of a pool are reported as one. */
    private static String thread(RecordedEvent event) {
        RecordedThread thread = event.getValue("sampledThread");
        String name = thread == null ? null : thread.getJavaName();
        return name == null ? "of the JVM" : name.replaceAll("\\d+(-\\d+)*", "N");
    }

    private static String method(RecordedEvent event) {
        if (event.getStackTrace() == null) {
            return "unknown";
        }
        List<RecordedFrame> frames = event.getStackTrace().getFrames();
        @Nullable String library = null;
        for (RecordedFrame frame : frames) {
            String type = frame.getMethod().getType().getName();
            if (type.startsWith("dev.turnstile.")) {
                String ours = type.substring(type.lastIndexOf('.') + 1) + "."
                        + frame.getMethod().getName();
                return library == null ? ours : ours + " > " + library;
            }
            library = owner(type);
        }
        return library == null ? "unknown" : library;
    }

    /** The library a class belongs to, by its package. */
    private static String owner(String type) {
        String[] parts = type.split("\\.", -1);
        return parts.length < 3 ? type : parts[0] + "." + parts[1] + "." + parts[2];
    }
}
