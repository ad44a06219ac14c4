package dev.turnstile.stock;

import java.security.SecureRandom;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.support.DataAccessUtils;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Identity of a ledger and of all processes, Redis servers and topics that work with it. The first process of an
 * installation creates it; it never changes afterwards.
 */
public final class Installation {

    private static final int SECRET_BYTES = 32;

    private final UUID id;
    private final byte[] secret;

    /**
     * Creates an identity, for tests.
     *
     * @param secret 32 bytes
     */
    public Installation(UUID id, byte[] secret) {
        if (secret.length != SECRET_BYTES) {
            throw new IllegalArgumentException("a secret has " + SECRET_BYTES + " bytes, not " + secret.length);
        }
        this.id = id;
        this.secret = secret.clone();
    }

    /**
     * Reads the identity from a ledger whose schema is in place, and creates it if there is none. Processes that do so
     * at the same time get the same. Blocks.
     *
     * @throws org.springframework.dao.DataAccessException if the database can't be asked
     */
    public static Installation of(DataSource dataSource) {
        JdbcTemplate jdbc = new JdbcTemplate(dataSource);
        Installation there = read(jdbc);
        if (there != null) {
            return there;
        }
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        jdbc.update(
                "INSERT IGNORE INTO installation (only_one, id, secret) VALUES (1, ?, ?)",
                UUID.randomUUID().toString(),
                secret);
        return Objects.requireNonNull(read(jdbc), "the row that was just inserted");
    }

    /** The id, which is no secret. */
    public UUID id() {
        return id;
    }

    /** A copy of the secret, 32 bytes. It is to be neither logged nor sent. */
    public byte[] secret() {
        return secret.clone();
    }

    private static @Nullable Installation read(JdbcTemplate jdbc) {
        List<Installation> rows = jdbc.query(
                "SELECT id, secret FROM installation WHERE only_one = 1",
                (row, number) -> new Installation(UUID.fromString(row.getString("id")), row.getBytes("secret")));
        return DataAccessUtils.singleResult(rows);
    }

    /** Only the id. */
    @Override
    public String toString() {
        return "installation " + id;
    }
}
