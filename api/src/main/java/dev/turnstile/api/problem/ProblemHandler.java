package dev.turnstile.api.problem;

import dev.turnstile.batch.AsyncFailures;
import dev.turnstile.stock.FailureLog;
import dev.turnstile.stock.LedgerFailure;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import org.springframework.web.util.DisconnectedClientHelper;

/** Turns every exception that leaves a controller, and every error that Spring MVC finds itself, into a problem. */
@RestControllerAdvice
public class ProblemHandler extends ResponseEntityExceptionHandler {

    private static final Logger log = LoggerFactory.getLogger(ProblemHandler.class);

    private final FailureLog failures = new FailureLog(log, "calls of the database");

    @ExceptionHandler
    ResponseEntity<Object> expected(ProblemException e) {
        return e.problem().response();
    }

    @ExceptionHandler({DataAccessException.class, TransactionException.class})
    ResponseEntity<Object> databaseFailed(RuntimeException e) {
        failures.failed(LedgerFailure.describe(e));
        return Problem.of(ProblemType.UNAVAILABLE, "The database does not answer.")
                .response();
    }

    /** Found late, by the first reader of a parameter; the actuator endpoints are such. */
    @ExceptionHandler
    ResponseEntity<Object> unreadableQuery(InvalidParameterException e) {
        return Problem.of(ProblemType.BAD_REQUEST, "The query can't be read, or has too many parameters.")
                .response();
    }

    /** Null if the client disconnected: it can't be answered, and a log entry would let any client fill the log. */
    @ExceptionHandler
    @Nullable ResponseEntity<Object> unexpected(Exception e) {
        if (DisconnectedClientHelper.isClientDisconnectedException(e)) {
            log.debug("a client disconnected", e);
            return null;
        }
        Throwable cause = AsyncFailures.cause(e);
        if (cause instanceof ProblemException problem) {
            return expected(problem);
        }
        if (cause instanceof DataAccessException failure) {
            return databaseFailed(failure);
        }
        log.error("a request failed", e);
        return Problem.of(ProblemType.INTERNAL_ERROR, "The request failed for a reason on the server's side.")
                .response();
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception e, @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        if (DisconnectedClientHelper.isClientDisconnectedException(e)) {
            return null;
        }
        ProblemType type = ProblemType.byStatus(status.value());
        String said = body instanceof ProblemDetail problem ? problem.getDetail() : null;
        Problem answer = Problem.of(type, said == null || status.is5xxServerError() ? type.remedy() : said);
        return new Problem(type, answer.detail(), answer.members(), headers).response();
    }

    /** The type of the problem that a controller's exception is answered with. */
    public static ProblemType typeOf(Throwable failure) {
        Throwable cause = AsyncFailures.cause(failure);
        if (cause instanceof ProblemException expected) {
            return expected.problem().type();
        }
        boolean ofDatabase = cause instanceof DataAccessException || cause instanceof TransactionException;
        return ofDatabase ? ProblemType.UNAVAILABLE : ProblemType.INTERNAL_ERROR;
    }
}
