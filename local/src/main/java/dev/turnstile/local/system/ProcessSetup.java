package dev.turnstile.local.system;

import dev.turnstile.local.server.ServerAddresses;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What may differ from one process of a system to the next.
 *
 * @param servers where this process finds the servers, perhaps behind proxies
 * @param arguments added to its command line; not for a property that the system sets there itself
 */
public record ProcessSetup(ServerAddresses servers, List<String> arguments) {

    /** Copies the list. */
    public ProcessSetup {
        arguments = List.copyOf(arguments);
    }

    /** A process like all others, on these servers. */
    public static ProcessSetup on(ServerAddresses servers) {
        return new ProcessSetup(servers, List.of());
    }

    /** Returns a copy with a clock that is ahead of the system's, or behind it if the offset is negative. */
    public ProcessSetup withClockOffset(Duration offset) {
        return with("--turnstile.clock.offset=" + offset);
    }

    /** Returns a copy with one more argument. */
    public ProcessSetup with(String argument) {
        List<String> more = new ArrayList<>(arguments);
        more.add(argument);
        return new ProcessSetup(servers, more);
    }
}
