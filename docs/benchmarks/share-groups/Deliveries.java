import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.*;

/**
 * What becomes of ten records whose consumer of a share group fails: it releases them, closes, holds them, is killed, or
 * renews its lock on them; and (late) of records that were there before the first consumer. Prints when each delivery came and what the group still holds to be undone in the end.
 *
 * <p>java Deliveries.java 127.0.0.1:29092 release|close|hold|kill|renew|late
 */
public class Deliveries {

    private static final Duration POLL = Duration.ofMillis(100);

    public static void main(String[] arguments) throws Exception {
        String servers = arguments[0];
        String name = arguments.length > 2 ? arguments[2] : arguments[1] + "-" + UUID.randomUUID();
        if (arguments.length > 2) {
            take(servers, name, "halt"); // the process that is to be killed
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get();
            if (!arguments[1].equals("late")) {
                admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, name),
                        List.of(new AlterConfigOp(new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET)))).all().get();
            }
            try (var producer = new KafkaProducer<>(Map.of("bootstrap.servers", servers), new StringSerializer(), new ByteArraySerializer())) {
                for (int i = 0; i < 10; i++) {
                    producer.send(new ProducerRecord<>(name, new byte[300])).get();
                }
            }
            switch (arguments[1]) {
                case "release", "late" -> take(servers, name, "release");
                case "renew" -> take(servers, name, "renew");
                case "hold" -> {
                    try (var holder = consumer(servers, name)) {
                        while (holder.poll(POLL).isEmpty()) {}
                        take(servers, name, "release");
                    }
                }
                case "close" -> {
                    for (int i = 0; i < 12; i++) {
                        take(servers, name, "close");
                    }
                    take(servers, name, "release");
                }
                case "kill" -> {
                    for (int i = 0; i < 12; i++) {
                        if (new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(), "-XX:TieredStopAtLevel=1", "-cp",
                                System.getProperty("java.class.path"), "Deliveries", servers, "kill", name)
                                .inheritIO().start().waitFor() == 0) {
                            break; // nothing came any more
                        }
                    }
                }
                default -> throw new IllegalArgumentException(arguments[1]);
            }
            System.out.println("in the end: " + admin.listShareGroupOffsets(Map.of(name, new ListShareGroupOffsetsSpec())).all().get());
        }
    }

    /** Takes records until none has come for 75 s. */
    private static void take(String servers, String name, String then) throws Exception {
        long start = System.nanoTime();
        try (var consumer = consumer(servers, name)) {
            long last = System.nanoTime();
            int renewals = 0;
            while (System.nanoTime() - last < 75_000_000_000L) {
                var records = consumer.poll(POLL);
                if (records.isEmpty()) {
                    continue;
                }
                last = System.nanoTime();
                StringBuilder line = new StringBuilder();
                records.forEach(record -> line.append(' ').append(record.offset()).append('#').append(record.deliveryCount().orElse((short) 0)));
                System.out.printf("%6.1f s, %s, offset#delivery%s%n", (last - start) / 1e9, then, line);
                switch (then) {
                    case "release" -> {
                        records.forEach(record -> consumer.acknowledge(record, AcknowledgeType.RELEASE));
                        consumer.commitSync();
                    }
                    case "renew" -> {
                        boolean enough = ++renewals > 12;
                        records.forEach(record -> consumer.acknowledge(record, enough ? AcknowledgeType.ACCEPT : AcknowledgeType.RENEW));
                        System.out.println(consumer.commitSync());
                        Thread.sleep(10_000);
                    }
                    case "close" -> {
                        return;
                    }
                    default -> Runtime.getRuntime().halt(1);
                }
            }
        }
        if (then.equals("halt")) {
            System.exit(0);
        }
    }

    private static KafkaShareConsumer<byte[], byte[]> consumer(String servers, String name) {
        Map<String, Object> settings = Map.of("bootstrap.servers", servers, "group.id", name, "share.acknowledgement.mode", "explicit");
        var consumer = new KafkaShareConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.subscribe(List.of(name));
        return consumer;
    }
}
