package dev.turnstile.stock;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/**
 * Lets the pool drop a connection to a server that became read-only or leaves: behind the same address there is another
 * one by then, and only new connections reach it. Named by {@code
 * spring.datasource.hikari.exception-override-class-name}.
 */
public final class SwitchedServer implements SQLExceptionOverride {

    @java.lang.Override
    public Override adjudicate(SQLException failure) {
        return LedgerFailure.endsConnection(failure) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
    }
}
