package dev.turnstile.local.fault;

import java.util.function.Supplier;

/**
 * A fault with a name, to be chosen from a list.
 *
 * @param name what happens to whom, as {@code kill -9 worker-1}
 * @param making makes it happen and tells how to undo it
 */
public record Fault(String name, Supplier<Healing> making) {

    /** A fault that passes by itself, or leaves nothing to undo. */
    public static Fault passing(String name, Runnable making) {
        return new Fault(name, () -> {
            making.run();
            return Healing.NONE;
        });
    }

    /** Makes it happen, and returns when it has. */
    public Healing strike() {
        return making.get();
    }

    @Override
    public String toString() {
        return name;
    }
}
