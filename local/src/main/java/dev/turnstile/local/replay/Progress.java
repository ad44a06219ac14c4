package dev.turnstile.local.replay;

/** Receives the progress of a replay. Called often, by the sending thread: it must be quick. */
public interface Progress {

    /** Ignores it. */
    Progress NONE = new Progress() {
        @Override
        public void begin(long orders) {}

        @Override
        public void sending(long sent, long answered) {}

        @Override
        public void waiting(long missing) {}
    };

    /**
     * The first order is about to be sent.
     *
     * @param orders how many there are, about
     */
    void begin(long orders);

    /**
     * Orders are being sent.
     *
     * @param sent how many so far
     * @param answered how many of them have their outcome
     */
    void sending(long sent, long answered);

    /**
     * All are sent.
     *
     * @param missing how many have no outcome yet
     */
    void waiting(long missing);
}
