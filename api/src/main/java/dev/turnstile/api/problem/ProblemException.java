package dev.turnstile.api.problem;

/** Ends a request with a problem. Made for answers that are expected, so it carries no stack trace. */
public final class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    /**
     * @param problem the answer
     */
    public ProblemException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    /**
     * @param type the kind of error
     * @param detail what is wrong with this request, for people
     */
    public ProblemException(ProblemType type, String detail) {
        this(Problem.of(type, detail));
    }

    /** The answer. */
    public Problem problem() {
        return problem;
    }
}
