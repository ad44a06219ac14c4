package dev.turnstile.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketProcessorBase;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.junit.jupiter.api.Test;

class BoundedHttpTest {

    private final List<String> processed = new ArrayList<>();
    private final NioEndpoint endpoint = new BoundedHttp.OneAtATime() {
        @Override
        protected SocketProcessorBase<NioChannel> createSocketProcessor(
                SocketWrapperBase<NioChannel> connection, SocketEvent event) {
            return new SocketProcessorBase<>(connection, event) {
                @Override
                protected void doRun() {
                    processed.add("begin");
                    executeDispatches(); // as where the end of a chunked body is read
                    processed.add("end");
                }
            };
        }
    };
    private final SocketWrapperBase<NioChannel> connection =
            new NioEndpoint.NioSocketWrapper(new NioChannel(new SocketBufferHandler(1, 1, false)), endpoint);

    @Test
    void aConnectionIsNotProcessedInsideOfItsOwnProcessing() {
        assertThat(endpoint.processSocket(connection, SocketEvent.OPEN_READ, false))
                .isTrue();
        assertThat(processed).containsExactly("begin", "end");
    }

    /** It got no data otherwise: its body was never read, and it was answered 408 in the end. */
    @Test
    void aThreadThatTookAnEventOfARequestItDoesNotProcessProcessesIt() {
        executeDispatches();
        assertThat(processed).containsExactly("begin", "end");
    }

    /** What Tomcat's processors do, under the lock. */
    private void executeDispatches() {
        connection.getLock().lock();
        try {
            connection.processSocket(SocketEvent.OPEN_READ, false);
        } finally {
            connection.getLock().unlock();
        }
    }
}
