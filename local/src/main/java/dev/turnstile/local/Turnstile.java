package dev.turnstile.local;

import dev.turnstile.local.bench.BenchCommand;
import dev.turnstile.local.project.UserError;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command line. Ends with 0 when all went well, with 1 and one line on standard error when something did not, with
 * 2 when the command was not understood.
 */
@Command(
        name = "turnstile",
        description = "Sells limited stock to many buyers: the whole system on this machine.",
        mixinStandardHelpOptions = true,
        version = "Turnstile 0.1.0-SNAPSHOT",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            AuditCommand.class,
            BenchCommand.class,
            ReplayCommand.class,
            DeadLetterCommand.class,
            ChaosCommand.class
        })
public final class Turnstile implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "On a failure, print the end of its log and the stack trace.")
    private boolean verbose;

    /** Runs a command and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** The command line with all its commands, ready to execute. */
    public static CommandLine commandLine() {
        Turnstile turnstile = new Turnstile();
        return new CommandLine(turnstile)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(turnstile::report);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command: try 'turnstile up' or 'turnstile --help'");
    }

    private int report(Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
        PrintWriter err = command.getErr();
        if (failure instanceof UserError error) {
            err.println("turnstile: " + error.getMessage());
            if (verbose) {
                error.details().forEach(err::println);
            }
        } else {
            err.println("turnstile: unexpected failure: " + failure + (verbose ? "" : " (--verbose shows where)"));
        }
        if (verbose) {
            failure.printStackTrace(err);
        }
        err.flush();
        return CommandLine.ExitCode.SOFTWARE;
    }
}
