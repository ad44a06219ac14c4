package dev.turnstile.local.server;

import dev.turnstile.local.process.FreePorts;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Listeners of a broker for clients that come through a proxy. A broker advertises the address under which it wants to
 * be called from then on, so a client that shall stay behind its proxy must knock at a door that advertises the proxy's
 * port. Each proxy needs a door of its own. Safe for use by any thread.
 */
public final class KafkaListeners {

    /** No doors. */
    public static final KafkaListeners NONE = new KafkaListeners(List.of());

    /**
     * One listener.
     *
     * @param port where the broker listens
     * @param advertisedPort where it says that it listens: the port of the proxy before it
     */
    public record Door(int port, int advertisedPort) {}

    private final List<Door> all;
    private final Deque<Door> free;

    private KafkaListeners(List<Door> all) {
        this.all = List.copyOf(all);
        this.free = new ArrayDeque<>(all);
    }

    static KafkaListeners of(int count, FreePorts ports) {
        List<Door> doors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            doors.add(new Door(ports.next(), ports.next()));
        }
        return new KafkaListeners(doors);
    }

    /**
     * A listener that no other client has, until it is released.
     *
     * @throws IllegalStateException if all are taken
     */
    public synchronized Door take() {
        Door door = free.poll();
        if (door == null) {
            throw new IllegalStateException("all " + all.size() + " listeners of the broker are in use");
        }
        return door;
    }

    /** Gives a door back. */
    public synchronized void giveBack(Door door) {
        if (all.contains(door) && !free.contains(door)) {
            free.add(door);
        }
    }

    /** Text for each door, by the name of its listener, each with a comma before it. */
    String mapped(BiFunction<String, Door, String> text) {
        StringBuilder mapped = new StringBuilder();
        for (int i = 0; i < all.size(); i++) {
            mapped.append(',').append(text.apply("DOOR" + (i + 1), all.get(i)));
        }
        return mapped.toString();
    }
}
