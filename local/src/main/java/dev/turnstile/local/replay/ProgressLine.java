package dev.turnstile.local.replay;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A line on a terminal with a bar, the rate and the time that is left. */
public final class ProgressLine implements Progress, AutoCloseable {

    private static final int WIDTH = 100;
    private static final int UPDATE_MS = 200;

    private final PrintStream out;
    private @Nullable ProgressBar bar;

    /**
     * A line that is not there yet.
     *
     * @param out a terminal
     */
    public ProgressLine(PrintStream out) {
        this.out = out;
    }

    @Override
    public void begin(long orders) {
        bar = new ProgressBarBuilder()
                .setTaskName("replay")
                .setInitialMax(orders)
                .setUnit(" orders", 1)
                .showSpeed()
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(UPDATE_MS)
                // a fixed width: asking the terminal for its own takes a native library
                .setConsumer(new ConsoleProgressBarConsumer(out, WIDTH))
                .build();
    }

    @Override
    public void sending(long sent, long answered) {
        ProgressBar begun = bar;
        if (begun != null) {
            begun.stepTo(sent);
            begun.setExtraMessage(" " + answered + " decided");
        }
    }

    @Override
    public void waiting(long missing) {
        ProgressBar begun = bar;
        if (begun != null) {
            begun.setExtraMessage(missing == 0 ? " all decided" : " waiting for " + missing);
        }
    }

    @Override
    public void close() {
        ProgressBar begun = bar;
        if (begun != null) {
            begun.close();
        }
    }
}
