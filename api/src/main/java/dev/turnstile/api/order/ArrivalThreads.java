package dev.turnstile.api.order;

import java.util.concurrent.TimeUnit;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.AbstractProtocol;
import org.apache.tomcat.util.threads.TaskQueue;
import org.apache.tomcat.util.threads.TaskThreadFactory;
import org.apache.tomcat.util.threads.ThreadPoolExecutor;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Gives Tomcat threads that know in which order its poller handed requests to them. The poller is one thread: what it
 * does in order stays in order, while the threads run as the machine has time for them.
 */
@Component
@Order(Ordered.LOWEST_PRECEDENCE) // after the number of threads is set
final class ArrivalThreads implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    private static final String POLLER = "-Poller";
    private static final int IDLE_SECONDS = 60;

    private final ArrivalOrder arrivals;

    ArrivalThreads(ArrivalOrder arrivals) {
        this.arrivals = arrivals;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.addConnectorCustomizers(this::giveThreads);
    }

    // No bean of type TomcatConnectorCustomizer: Boot would call it before the number of threads is set, too.
    private void giveThreads(Connector connector) {
        if (!(connector.getProtocolHandler() instanceof AbstractProtocol<?> protocol)) {
            return;
        }
        TaskQueue queue = new TaskQueue();
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(
                        protocol.getMinSpareThreads(),
                        protocol.getMaxThreads(),
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        queue,
                        new TaskThreadFactory("http-", true, protocol.getThreadPriority())) {
                    @Override
                    public void execute(Runnable task) {
                        super.execute(isPoller() ? arrivals.noting(task) : task);
                    }
                };
        queue.setParent(threads);
        protocol.setExecutor(threads);
        connector.addLifecycleListener(event -> {
            if (event.getType().equals(Lifecycle.AFTER_STOP_EVENT)) {
                threads.shutdown();
            }
        });
    }

    /** Whether the task is from the thread that reads sockets, and no answer that another thread has ready. */
    private static boolean isPoller() {
        return Thread.currentThread().getName().endsWith(POLLER);
    }
}
