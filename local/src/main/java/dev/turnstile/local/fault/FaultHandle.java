package dev.turnstile.local.fault;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Undoes a fault. A fault that was undone before, or has ended by itself, is left alone. May be called by any thread.
 */
@FunctionalInterface
public interface FaultHandle extends AutoCloseable {

    /** Of a fault that leaves nothing that could be undone. */
    FaultHandle NONE = () -> {};

    /** Undoes the fault and returns when it is undone. */
    void heal();

    /** The same as {@link #heal()}. */
    @Override
    default void close() {
        heal();
    }

    /** Undoes a fault by an action that is done once, however often this is called. */
    static FaultHandle once(Runnable undo) {
        AtomicBoolean undone = new AtomicBoolean();
        return () -> {
            if (undone.compareAndSet(false, true)) {
                undo.run();
            }
        };
    }

    /** Undoes several faults, in the order given, all of them even if one can't be undone. */
    static FaultHandle all(Collection<FaultHandle> healings) {
        List<FaultHandle> copy = List.copyOf(healings);
        return () -> {
            RuntimeException failure = null;
            for (FaultHandle healing : copy) {
                try {
                    healing.heal();
                } catch (RuntimeException e) {
                    if (failure == null) {
                        failure = e;
                    } else {
                        failure.addSuppressed(e);
                    }
                }
            }
            if (failure != null) {
                throw failure;
            }
        };
    }
}
