package dev.turnstile.api.openapi;

import dev.turnstile.api.problem.ProblemType;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The problems that an operation is answered with, beside those of every operation ({@link ProblemResponseCustomizer}). */
@Documented
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface Problems {

    /** Their types. */
    ProblemType[] value();
}
