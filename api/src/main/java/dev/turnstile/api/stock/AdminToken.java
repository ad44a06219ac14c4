package dev.turnstile.api.stock;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.turnstile.api.problem.Problem;
import dev.turnstile.api.problem.ProblemException;
import dev.turnstile.api.problem.ProblemType;
import java.security.MessageDigest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** The token that lets a client set stock. */
final class AdminToken {

    private static final String SCHEME = "bearer ";

    private final byte @Nullable [] token;

    /**
     * @param token null switches everything off that needs it
     */
    AdminToken(@Nullable String token) {
        this.token = token == null ? null : token.getBytes(UTF_8);
    }

    /**
     * Admits a request with the token. The comparison takes constant time.
     *
     * @param authorization the header's value, or null
     * @throws ProblemException {@link ProblemType#UNAUTHORIZED}, or {@link ProblemType#ADMIN_DISABLED} if there is no
     *     token
     */
    void demand(@Nullable String authorization) {
        if (token == null) {
            throw new ProblemException(
                    ProblemType.ADMIN_DISABLED,
                    "turnstile.api.admin-token is not set, so stock can't be set over HTTP.");
        }
        boolean bearer = authorization != null
                && authorization.toLowerCase(Locale.ROOT).startsWith(SCHEME)
                && MessageDigest.isEqual(
                        token, authorization.substring(SCHEME.length()).strip().getBytes(UTF_8));
        if (!bearer) {
            throw new ProblemException(
                    Problem.of(ProblemType.UNAUTHORIZED, "Send the admin token as Authorization: Bearer <token>.")
                            .withHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"turnstile\""));
        }
    }
}
