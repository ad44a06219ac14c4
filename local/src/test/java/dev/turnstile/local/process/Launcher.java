package dev.turnstile.local.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A program that starts two children, prints their PIDs, and waits to be ended. */
final class Launcher {

    private Launcher() {}

    public static void main(String[] arguments) throws InterruptedException {
        RunFolder run = RunFolder.open(Path.of(arguments[0]));
        for (String name : List.of("one", "two")) {
            ChildProcess child = new ChildProcess(
                    run,
                    new ChildProcess.Spec(
                            name,
                            List.of("sh", "-c", "echo ready; sleep 600 & wait"),
                            Map.of(),
                            run.data(name),
                            ReadyProbe.logSays("ready"),
                            Duration.ofSeconds(20),
                            Duration.ofSeconds(5)));
            child.start();
            System.out.println(child.pid());
        }
        new CountDownLatch(1).await();
    }
}
