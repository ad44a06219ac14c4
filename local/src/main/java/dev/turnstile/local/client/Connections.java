package dev.turnstile.local.client;

import dev.turnstile.batch.AsyncFailures;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * HTTP connections to API instances, kept alive and used again, each for one request at a time.
 *
 * <p>No thread waits for an answer. One thread does all of the work, because more would hand requests to the sockets in
 * another order than the one they are recorded in. It takes little time for a request: the client shares the machine
 * with the system under test.
 */
@SuppressWarnings("FutureReturnValueIgnored") // of Netty: nothing hangs on when a connection is closed
public final class Connections implements AutoCloseable {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final int LONGEST_ANSWER = 1 << 20;

    /** To one API: fewer than an API takes (8,192), which would not serve those beyond until another one is closed. */
    private static final int MOST = 8_000;

    /**
     * How a request ended.
     *
     * @param at when, by {@link System#nanoTime()}
     * @param status of the answer, 0 if there is none
     * @param body of the answer
     * @param error why there is no answer, or null if there is one
     */
    public record Arrival(
            long at, int status, String body, @Nullable Throwable error) {}

    private final List<URI> apis;
    private final int most;
    private final EventLoopGroup thread =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("crowd", true), NioIoHandler.newFactory());
    private final Bootstrap bootstrap;

    // Used by the thread alone.
    private final List<Deque<Connection>> idle;
    private final List<Deque<CompletableFuture<Connection>>> queued;
    private final int[] open;

    /**
     * No connections yet, and at most {@value #MOST} to one API.
     *
     * @param apis base URIs of the API instances
     * @throws IllegalArgumentException if there are none
     */
    public Connections(List<URI> apis) {
        this(apis, MOST);
    }

    /**
     * Creates a pool with its own limit.
     *
     * @param most how many to one API at once
     */
    public Connections(List<URI> apis, int most) {
        if (apis.isEmpty()) {
            throw new IllegalArgumentException("there must be at least one API to ask");
        }
        this.apis = List.copyOf(apis);
        this.most = most;
        this.idle =
                apis.stream().<Deque<Connection>>map(api -> new ArrayDeque<>()).toList();
        this.queued = apis.stream()
                .<Deque<CompletableFuture<Connection>>>map(api -> new ArrayDeque<>())
                .toList();
        this.open = new int[apis.size()];
        this.bootstrap = new Bootstrap()
                .group(thread)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) CONNECT_TIMEOUT.toMillis());
    }

    /** The base URIs of the API instances. */
    public List<URI> apis() {
        return apis;
    }

    /** Has work done by the thread of the connections. */
    public CompletableFuture<Void> onThread(Runnable work) {
        return CompletableFuture.runAsync(work, thread);
    }

    /**
     * An idle connection to an API, or a new one; fails when none can be opened in 5 s. At the limit it is the next
     * that gets idle. On the thread of the connections only.
     *
     * @param api number of the API instance, from 0
     */
    public CompletableFuture<Connection> take(int api) {
        Connection kept = idle.get(api).poll();
        while (kept != null && !kept.isOpen()) {
            kept = idle.get(api).poll();
        }
        if (kept != null) {
            return CompletableFuture.completedFuture(kept);
        }
        CompletableFuture<Connection> taken = new CompletableFuture<>();
        if (open[api] < most) {
            connect(api, taken);
        } else {
            queued.get(api).add(taken);
        }
        return taken;
    }

    private void connect(int api, CompletableFuture<Connection> taken) {
        URI uri = apis.get(api);
        Connection fresh = new Connection(api);
        open[api]++;
        bootstrap
                .clone()
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new HttpClientCodec())
                                .addLast(new HttpObjectAggregator(LONGEST_ANSWER))
                                .addLast(fresh);
                    }
                })
                .connect(uri.getHost(), uri.getPort())
                .addListener(connected -> {
                    if (connected.isSuccess()) {
                        taken.complete(fresh);
                    } else {
                        taken.completeExceptionally(connected.cause());
                    }
                })
                .channel()
                .closeFuture()
                .addListener(closed -> closed(api));
    }

    private void closed(int api) {
        open[api]--;
        CompletableFuture<Connection> next = queued.get(api).poll();
        if (next != null) {
            connect(api, next);
        }
    }

    /** Sends a request as soon as there is a connection for it. On the thread of the connections only. */
    public void ask(int api, FullHttpRequest request, Consumer<Arrival> onEnd) {
        take(api).whenComplete((connection, failure) -> {
            if (failure == null) {
                connection.ask(request, onEnd);
            } else {
                onEnd.accept(failed(failure));
            }
        });
    }

    /** The end of a request for which there was no connection. */
    public static Arrival failed(Throwable failure) {
        Throwable cause = AsyncFailures.cause(failure);
        return new Arrival(System.nanoTime(), 0, "", cause);
    }

    /** Gives up the connections. Answers that are still under way are not waited for. */
    @Override
    public void close() {
        thread.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** A connection to one API instance. Used on the thread of the connections only. */
    public final class Connection extends SimpleChannelInboundHandler<FullHttpResponse> {

        private final int api;
        private @Nullable Channel channel;
        private @Nullable Consumer<Arrival> asked;

        private Connection(int api) {
            this.api = api;
        }

        /**
         * Sends a request; the connection is used again after its answer.
         *
         * @param onEnd called once with how it ended
         */
        public void ask(FullHttpRequest request, Consumer<Arrival> onEnd) {
            Channel open = channel;
            if (open == null || !open.isActive()) {
                onEnd.accept(failed(new ClosedChannelException()));
                return;
            }
            asked = onEnd;
            open.writeAndFlush(request.duplicate()).addListener(written -> {
                if (!written.isSuccess()) {
                    fail(Objects.requireNonNull(written.cause()));
                }
            });
        }

        /** Closes it; a request that has no answer yet ends without one. */
        public void abandon() {
            if (channel != null) {
                channel.close();
            }
        }

        private boolean isOpen() {
            return channel != null && channel.isActive();
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            channel = context.channel(); // before the waiting caller is notified of the connection
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
            long at = System.nanoTime();
            Consumer<Arrival> waiting = asked;
            if (waiting == null) {
                context.close();
                return;
            }
            asked = null;
            if (HttpUtil.isKeepAlive(response)) {
                CompletableFuture<Connection> next = queued.get(api).poll();
                if (next == null) {
                    idle.get(api).add(this);
                } else {
                    next.complete(this);
                }
            } else {
                context.close();
            }
            String body = response.content().toString(StandardCharsets.UTF_8);
            waiting.accept(new Arrival(at, response.status().code(), body, null));
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            fail(new IOException("the connection was closed before the answer"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            fail(cause);
            context.close();
        }

        private void fail(Throwable error) {
            Consumer<Arrival> waiting = asked;
            if (waiting != null) {
                asked = null;
                waiting.accept(failed(error));
            }
        }
    }
}
