package dev.turnstile.local.fault;

import java.util.Locale;
import java.util.function.Supplier;

/**
 * A fault with a name, to be chosen from a list.
 *
 * @param kind what happens
 * @param victim to whom
 * @param making makes it happen and returns how to undo it
 */
public record Fault(Kind kind, String victim, Supplier<FaultHandle> making) {

    /** What can happen. */
    public enum Kind {
        /** A process is killed as by {@code kill -9}, and started again later. */
        KILL,
        /** A process is stopped in its own time, and started again. */
        RESTART,
        /** A process is stopped (SIGSTOP), and continues later. */
        FREEZE,
        /** A wire is cut. */
        CUT,
        /** A wire is slow in one direction. */
        SLOW,
        /** Few bytes a second pass a wire in one direction. */
        NARROW,
        /** What is sent in one direction of a wire vanishes. */
        HALF_OPEN,
        /** A Redis forgets everything. */
        FLUSHALL,
        /** A Redis goes on with an older memory, as after a failover to a replica that was behind. */
        FAILOVER,
        /** A Redis forgets its scripts. */
        SCRIPT_FLUSH,
        /** Those who listen to a Redis are cut off. */
        KILL_SUBSCRIBERS,
        /** A Redis answers no client for a while, or accepts no writes. */
        PAUSE,
        /** A key of the line is deleted. */
        DELETE,
        /** Connections or transactions of the database are killed. */
        KILL_SQL,
        /** A transaction holds a row of the stock. */
        HOLD_ROW,
        /** Records come once more. */
        DUPLICATE;

        /** As people write it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** A fault that passes by itself, or leaves nothing to undo. */
    public static Fault passing(Kind kind, String victim, Runnable making) {
        return new Fault(kind, victim, () -> {
            making.run();
            return FaultHandle.NONE;
        });
    }

    /** Makes it happen, and returns when it has. */
    public FaultHandle strike() {
        return making.get();
    }

    @Override
    public String toString() {
        return kind + " " + victim;
    }
}
