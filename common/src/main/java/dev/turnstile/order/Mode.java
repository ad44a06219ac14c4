package dev.turnstile.order;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The two ways in which an order takes the right to touch stock. */
public enum Mode {
    /** Redlock over independent masters: fast mutual exclusion, no order. */
    @JsonProperty("distributed")
    DISTRIBUTED,

    /** The ticket line: strict first come, first served, in the order in which the API accepted the requests. */
    @JsonProperty("fair")
    FAIR
}
