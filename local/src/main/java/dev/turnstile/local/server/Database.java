package dev.turnstile.local.server;

/** The databases that Turnstile's ledger runs on. */
public enum Database {
    /** Oracle's MySQL 8.0.31, the one that is meant. */
    MYSQL("MySQL 8.0.31"),
    /** MariaDB 11.4.5, for machines on which MySQL's program does not load. */
    MARIADB("MariaDB 11.4.5");

    private final String title;

    Database(String title) {
        this.title = title;
    }

    /** Name and version. */
    public String title() {
        return title;
    }
}
