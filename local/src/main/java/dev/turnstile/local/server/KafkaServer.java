package dev.turnstile.local.server;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.Jvm;
import dev.turnstile.local.process.ReadyProbe;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * One Kafka broker that is its own controller, in a JVM of its own. Topics are not made by asking for them.
 *
 * @param process to start, stop, kill, freeze it
 * @param port the same after each start
 * @param doors for clients that come through a proxy
 */
public record KafkaServer(ChildProcess process, int port, KafkaListeners doors) {

    /** Any fixed id will do: the cluster has one member. */
    private static final String CLUSTER_ID = "dHVybnN0aWxlLWxvY2FsLQ";

    static KafkaServer prepare(
            ProjectFiles project,
            RunFolder run,
            Templates templates,
            int port,
            int controllerPort,
            KafkaListeners doors) {
        return prepare(project, run, templates, port, controllerPort, doors, "");
    }

    /**
     * A broker that is not started yet.
     *
     * @param more lines of its properties; of a property that is there twice the last one counts
     */
    static KafkaServer prepare(
            ProjectFiles project,
            RunFolder run,
            Templates templates,
            int port,
            int controllerPort,
            KafkaListeners doors,
            String more) {
        Path data = run.data("kafka");
        Path log = data.resolve("log");
        templates.copy("kafka", folder -> formatting(project, folder), log);
        Path properties = data.resolve("server.properties");
        write(properties, serverProperties(log, port, controllerPort, doors) + more);
        List<String> command = javaCommand(project);
        command.addAll(List.of("kafka.Kafka", properties.toString()));
        ChildProcess.Spec spec = new ChildProcess.Spec(
                "kafka",
                run.background(command),
                Map.of(),
                data,
                ReadyProbe.logSays("Kafka Server started"),
                Duration.ofSeconds(60),
                Duration.ofSeconds(20));
        return new KafkaServer(new ChildProcess(run, spec), port, doors);
    }

    /** Its address, as clients are given it. */
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    private static Templates.Initialisation formatting(ProjectFiles project, Path log) {
        Path properties = log.resolveSibling(log.getFileName() + ".properties");
        write(properties, serverProperties(log, 9092, 9093, KafkaListeners.NONE));
        List<String> command = javaCommand(project);
        command.addAll(List.of("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", properties.toString()));
        return new Templates.Initialisation(command, Map.of());
    }

    private static List<String> javaCommand(ProjectFiles project) {
        return Jvm.command("-Xmx256m", "-cp", project.kafkaClassPath());
    }

    private static String serverProperties(Path log, int port, int controllerPort, KafkaListeners doors) {
        return """
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@127.0.0.1:%2$d
                controller.listener.names=CONTROLLER
                listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT%4$s
                listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d%5$s
                advertised.listeners=PLAINTEXT://127.0.0.1:%1$d%6$s
                log.dirs=%3$s
                auto.create.topics.enable=false
                # One broker has one copy of everything.
                default.replication.factor=1
                offsets.topic.replication.factor=1
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                share.coordinator.state.topic.replication.factor=1
                share.coordinator.state.topic.min.isr=1
                # Few groups: 50 partitions for their offsets would only slow down the first start of a consumer.
                offsets.topic.num.partitions=4
                transaction.state.log.num.partitions=4
                share.coordinator.state.topic.num.partitions=4
                group.initial.rebalance.delay.ms=0
                # After a kill the broker may register again when its former session has run out; the default is 9 s.
                broker.session.timeout.ms=3000
                broker.heartbeat.interval.ms=500
                # A killed worker may be noticed sooner than in a large cluster; consumers of the classic protocol
                # choose their own time-out, not below this.
                group.min.session.timeout.ms=1000
                group.consumer.min.session.timeout.ms=1000
                group.consumer.session.timeout.ms=10000
                group.consumer.min.heartbeat.interval.ms=500
                group.consumer.heartbeat.interval.ms=2000
                """.formatted(
                        port,
                        controllerPort,
                        log,
                        doors.mapped((name, door) -> name + ":PLAINTEXT"),
                        doors.mapped((name, door) -> name + "://127.0.0.1:" + door.port()),
                        doors.mapped((name, door) -> name + "://127.0.0.1:" + door.advertisedPort()));
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UserError("can't write " + file + ": " + e.getMessage(), e);
        }
    }
}
