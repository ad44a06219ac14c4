package dev.turnstile.local.system;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Order;

/**
 * A class of tests on {@link SharedSystem#get()}, which leave it as it is, unless the class comes last of these by an
 * order of its own. All such classes come first, and the system ends before any other begins: on the same servers its
 * workers would take part in whatever that does.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Order(1)
public @interface OnSharedSystem {}
