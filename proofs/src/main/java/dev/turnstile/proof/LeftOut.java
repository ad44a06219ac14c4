package dev.turnstile.proof;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Lists which tests this machine could not run and why, each in one line, after all others: a count of skipped tests
 * shows neither. Found by JUnit itself, as a service.
 */
public final class LeftOut implements TestExecutionListener {

    private final Consumer<String> print;
    private final List<String> lines = new CopyOnWriteArrayList<>();

    /** Prints to standard error. */
    public LeftOut() {
        this(System.err::println);
    }

    LeftOut(Consumer<String> print) {
        this.print = print;
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        add(test, reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            add(test, result.getThrowable().map(Throwable::getMessage).orElse("it does not say why"));
        }
    }

    private void add(TestIdentifier test, String reason) {
        String line = reason.replaceFirst("^Assumption failed: ", "").replaceAll("\\s+", " ");
        lines.add("left out: " + ProofTable.name(test) + ": " + line);
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        lines.forEach(print);
        lines.clear();
    }
}
