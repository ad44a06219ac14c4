package dev.turnstile.fuzz;

import dev.turnstile.fuzz.RawHttp.Answer;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What every answer of the API keeps, whatever it answers. */
public final class HttpAnswerRules {

    private static final Pattern INTERNALS = Pattern.compile(
            "xception|Error:|<html|<!doctype|tomcat|apache|catalina|coyote|java\\.|javax|jakarta|spring|jackson|dev\\.turnstile|"
                    + "org\\.|com\\.|redis|kafka|mysql|jdbc|hikari|whitelabel",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern TYPE = Pattern.compile(
            "\\{\"type\":\"/problems/[a-z-]+\",\"title\":\"[^\"]+\",\"status\":(\\d+),"
                    + "\"detail\":\"(?:[^\"\\\\]|\\\\.)+\".*}",
            Pattern.DOTALL);

    private HttpAnswerRules() {}

    /**
     * Judges an answer.
     *
     * @param head whether it answers a HEAD
     * @return what is wrong with it
     */
    public static Optional<String> broken(Answer answer, boolean head) {
        if (answer.status() >= 500) {
            return Optional.of("a status of the server's own fault");
        }
        if (!answer.header("Server").isEmpty() || !answer.header("X-Powered-By").isEmpty()) {
            return Optional.of("a header tells what serves");
        }
        if (answer.status() < 400) {
            return Optional.empty();
        }
        if (!answer.header("Content-Type").startsWith("application/problem+json")) {
            return Optional.of("an error that is no problem document");
        }
        if (head) {
            return Optional.empty();
        }
        Matcher type = TYPE.matcher(answer.body());
        if (!type.matches() || Integer.parseInt(type.group(1)) != answer.status()) {
            return Optional.of("a problem document without type, title, status and detail");
        }
        return INTERNALS.matcher(answer.body()).find() ? Optional.of("internals in an answer") : Optional.empty();
    }
}
