package dev.turnstile.api.problem;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;

/**
 * Answers what Tomcat refuses before any servlet sees it (a broken request line, headers that are too long), which
 * would otherwise be a page of HTML.
 */
public final class ProblemReportValve extends ErrorReportValve {

    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
        if (response.getStatus() < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        ProblemAnswer problem = Problem.ofStatus(response.getStatus()).answer();
        try {
            problem.begin(response);
            response.setCharacterEncoding(StandardCharsets.UTF_8.name());
            Writer writer = response.getReporter();
            if (writer != null) {
                writer.write(problem.document());
                response.finishResponse();
            }
        } catch (IOException e) {
            container.getLogger().debug("the client disconnected", e);
        }
    }
}
