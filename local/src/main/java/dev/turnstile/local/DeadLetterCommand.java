package dev.turnstile.local;

import dev.turnstile.local.dlt.DeadLetter;
import dev.turnstile.local.dlt.DeadLetterBox;
import dev.turnstile.local.dlt.LetterPosition;
import dev.turnstile.local.dlt.Redrive;
import dev.turnstile.local.dlt.Redriven;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.ExternalServers;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code turnstile dlt}: lists dead-lettered records, and sends them again as new orders. */
@Command(
        name = "dlt",
        description = "Lists dead-lettered records and sends them again as new orders.",
        mixinStandardHelpOptions = true,
        subcommands = {DeadLetterCommand.ListLetters.class, DeadLetterCommand.RedriveLetters.class})
final class DeadLetterCommand implements Runnable {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command: dlt list or dlt redrive");
    }

    private static Map<String, @Nullable Object> json(DeadLetter letter) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("topic", letter.place().topic());
        fields.put("partition", letter.place().partition());
        fields.put("offset", letter.place().offset());
        fields.put("time", letter.time().toString());
        fields.put("orderId", letter.orderId() == null ? null : letter.orderId().toString());
        fields.put("from", letter.from());
        fields.put("reason", letter.reason());
        return fields;
    }

    /** {@code turnstile dlt list}. */
    @Command(
            name = "list",
            description = "Lists dead letters, the latest last; changes nothing.",
            mixinStandardHelpOptions = true)
    static final class ListLetters implements Callable<Integer> {

        private static final int MOST = 10_000;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Mixin
        private final TargetFlags targetFlags = new TargetFlags();

        @Option(
                names = "--topic",
                paramLabel = "TOPIC",
                description = "List this topic only, for example orders.fair (default: all topics).")
        private String topic = "";

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "50",
                description = "Number of letters, the latest, at most 10000 (default: ${DEFAULT-VALUE}).")
        private int limit;

        @Option(names = "--json", description = "Print JSON only.")
        private boolean json;

        @Override
        public Integer call() {
            if (limit < 1 || limit > MOST) {
                throw new ParameterException(spec.commandLine(), "--limit must be 1 to " + MOST + ", was " + limit);
            }
            TargetFlags.Published target = targetFlags.published(spec.commandLine(), ProjectFiles.locate());
            PrintWriter out = spec.commandLine().getOut();
            try (DeadLetterBox box = new DeadLetterBox(target.kafka())) {
                List<String> topics = box.topics(topic);
                long all = box.count(topics);
                List<DeadLetter> letters = box.latest(topics, limit);
                if (json) {
                    out.println(JSON.writeValueAsString(
                            letters.stream().map(DeadLetterCommand::json).toList()));
                } else {
                    letters.forEach(letter -> out.println(letter.time() + "  " + letter.place() + "  order "
                            + (letter.orderId() == null ? "unknown" : letter.orderId()) + "  from " + letter.from()
                            + ": " + letter.reason().strip()));
                    out.println(letters.size() + " of " + all + " dead letters");
                }
            }
            out.flush();
            return 0;
        }
    }

    /** {@code turnstile dlt redrive}: ends with 0 if every chosen letter is an order by now, else with 1. */
    @Command(
            name = "redrive",
            description = {
                "Sends dead letters again, each as a new order with its own id. A letter that was sent before does not"
                        + " order a second time.",
                "The letters stay in their topics. Fair orders get new tickets at the end of the line."
            },
            mixinStandardHelpOptions = true)
    static final class RedriveLetters implements Callable<Integer> {

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Mixin
        private final TargetFlags targetFlags = new TargetFlags();

        @Parameters(
                paramLabel = "TOPIC/PARTITION/OFFSET",
                arity = "0..*",
                converter = PlaceConverter.class,
                description = "The letters, as dlt list prints them: orders.fair.dlt/3/17.")
        private List<LetterPosition> places = new ArrayList<>();

        @Option(names = "--all", description = "All present letters; requires --yes.")
        private boolean all;

        @Option(names = "--topic", paramLabel = "TOPIC", description = "With --all: this topic only.")
        private @Nullable String topic;

        @Option(names = "--yes", description = "With --all: send them. Without it only their number is printed.")
        private boolean yes;

        private int sent;
        private int refused;

        private static final class PlaceConverter implements ITypeConverter<LetterPosition> {
            @Override
            public LetterPosition convert(String value) {
                try {
                    return LetterPosition.parse(value);
                } catch (IllegalArgumentException e) {
                    throw new TypeConversionException(e.getMessage());
                }
            }
        }

        @Override
        public Integer call() throws InterruptedException {
            if (places.isEmpty() != all) {
                throw new ParameterException(
                        spec.commandLine(), "name letters as TOPIC/PARTITION/OFFSET, or take --all, and not both");
            }
            if (!all && (yes || topic != null)) {
                throw new ParameterException(spec.commandLine(), "--topic and --yes go with --all");
            }
            TargetFlags.Published target = targetFlags.published(spec.commandLine(), ProjectFiles.locate());
            ExternalServers.Jdbc database = target.ledger();
            if (database == null) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--mysql-url is missing: a letter whose order has an outcome after all must not be sent again");
            }
            try (DeadLetterBox box = new DeadLetterBox(target.kafka());
                    Redrive redrive = new Redrive(target.kafka(), database)) {
                return all ? all(box, redrive) : chosen(box, redrive);
            }
        }

        private int all(DeadLetterBox box, Redrive redrive) throws InterruptedException {
            List<String> topics = box.topics(topic == null ? "" : topic);
            if (!yes) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--all would send " + box.count(topics) + " dead letters of " + String.join(", ", topics)
                                + " again: add --yes to do it");
            }
            box.all(topics, letter -> tell(letter, redrive.send(letter)));
            return end();
        }

        private int chosen(DeadLetterBox box, Redrive redrive) throws InterruptedException {
            for (DeadLetter letter : box.at(places)) {
                tell(letter, redrive.send(letter));
            }
            return end();
        }

        private void tell(DeadLetter letter, Redriven redriven) {
            PrintWriter out = spec.commandLine().getOut();
            out.println(letter.place() + "  " + redriven.text());
            out.flush();
            if (redriven instanceof Redriven.Sent) {
                sent++;
            } else if (redriven instanceof Redriven.Refused) {
                refused++;
            }
        }

        private int end() {
            PrintWriter out = spec.commandLine().getOut();
            out.println(sent + " sent, " + refused + " refused");
            out.flush();
            return refused == 0 ? 0 : 1;
        }
    }
}
