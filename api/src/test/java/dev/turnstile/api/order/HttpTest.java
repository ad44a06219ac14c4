package dev.turnstile.api.order;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

/** A test against the API on a real web server with fake backends; all such tests share one. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SpringBootTest(
        classes = FakeBackends.class,
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "turnstile.api.admin-token=secret",
            "turnstile.api.max-waiting-requests=1000",
            "turnstile.api.noop=true"
        })
public @interface HttpTest {}
