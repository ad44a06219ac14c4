package dev.turnstile.startup;

import java.util.UUID;

/**
 * What is said at the start where a server belongs to another installation than the ledger: two that share one take
 * each other's orders.
 */
public final class Stranger {

    private Stranger() {}

    /**
     * The refusal.
     *
     * @param address of the server, without a password
     * @param theirs to which installation the server belongs
     * @param ours to which installation the ledger belongs
     * @param remedy what to do about a server that belonged to a ledger which is no more
     */
    public static StartupException refused(Server server, String address, String theirs, UUID ours, String remedy) {
        return new StartupException(server.title() + " at " + address + " (" + server.property()
                + ") belongs to installation " + theirs + ", and the ledger (" + Server.MYSQL.property()
                + ") to installation " + ours + ": name a server of this installation; or, if its ledger was replaced"
                + " and no order that waits there is needed, " + remedy);
    }
}
