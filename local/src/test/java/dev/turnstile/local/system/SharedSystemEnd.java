package dev.turnstile.local.system;

import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Ends the shared system before the first class that is not {@link OnSharedSystem}. Found by JUnit itself, as a
 * service.
 */
public final class SharedSystemEnd implements TestExecutionListener {

    @Override
    public void executionStarted(TestIdentifier test) {
        test.getSource()
                .filter(ClassSource.class::isInstance)
                .map(ClassSource.class::cast)
                .filter(source -> !source.getJavaClass().isAnnotationPresent(OnSharedSystem.class))
                .ifPresent(source -> SharedSystem.end());
    }
}
