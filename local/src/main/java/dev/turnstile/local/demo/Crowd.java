package dev.turnstile.local.demo;

import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A crowd of buyers. User {@code i} asks API {@code i mod n} over a connection of their own, which stands before they ask
 * and is kept alive from one crowd to the next.
 *
 * <p>No thread waits for an answer. One thread does all of the client's work, because more would hand requests to the
 * sockets in another order than the one they are recorded in. It takes little time for a request: the crowd shares the
 * machine with the system under test.
 */
@SuppressWarnings("FutureReturnValueIgnored") // of Netty: nothing hangs on when a connection is closed
public final class Crowd implements AutoCloseable {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final int LONGEST_ANSWER = 1 << 20;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final List<URI> apis;
    private final EventLoopGroup thread =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("crowd", true), NioIoHandler.newFactory());
    private final Bootstrap bootstrap;

    // Used by the crowd's thread alone.
    private final List<Deque<Channel>> idle;

    /**
     * Makes a crowd.
     *
     * @param apis base URIs of the API instances, asked in turn
     * @throws IllegalArgumentException if there are none
     */
    public Crowd(List<URI> apis) {
        if (apis.isEmpty()) {
            throw new IllegalArgumentException("a crowd needs at least one API to ask");
        }
        this.apis = List.copyOf(apis);
        this.idle = apis.stream().<Deque<Channel>>map(api -> new ArrayDeque<>()).toList();
        this.bootstrap = new Bootstrap()
                .group(thread)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) CONNECT_TIMEOUT.toMillis())
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new HttpClientCodec())
                                .addLast(new HttpObjectAggregator(LONGEST_ANSWER))
                                .addLast(new Connection());
                    }
                });
    }

    /**
     * Lets every user order once and waits for the answers.
     *
     * @param users how many
     * @param gap the least time between the sending of one user and of the next; zero sends all at once
     * @param patience how long after the last user was sent the crowd waits; who has no answer then is recorded without
     *     one and the request is given up
     * @param mode the way to order
     * @param lines what every user wants
     * @return one answer per user, in the order of sending
     * @throws InterruptedException if interrupted while waiting; requests under way are given up
     */
    public List<Answer> release(int users, Duration gap, Duration patience, Mode mode, List<OrderLine> lines)
            throws InterruptedException {
        List<FullHttpRequest> requests = requests(mode, lines);
        List<User> crowd = IntStream.range(0, users).mapToObj(User::new).toList();
        if (gap.isZero()) {
            connect(crowd);
        }
        long start = System.nanoTime();
        try {
            if (gap.isZero()) {
                await(onThread(() -> crowd.forEach(user -> user.send(requests))));
            } else {
                for (User user : crowd) {
                    // Not long before: an API doesn't wait for ever for what it is asked.
                    connect(List.of(user));
                    await(onThread(() -> user.send(requests)));
                    awaitNanoTime(user.sent + gap.toNanos());
                }
            }
            awaitAll(crowd, patience);
            return crowd.stream().map(user -> answer(user, start, patience)).toList();
        } finally {
            thread.execute(() -> crowd.forEach(User::leave));
        }
    }

    /** Gives up the connections. Answers that are still under way are not waited for. */
    @Override
    public void close() {
        thread.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private List<FullHttpRequest> requests(Mode mode, List<OrderLine> lines) {
        String path =
                switch (mode) {
                    case DISTRIBUTED -> "/v1/stocks/locks/distributed";
                    case FAIR -> "/v1/stocks/locks/fair";
                };
        byte[] body = JSON.writeValueAsBytes(Map.of("orders", lines));
        return apis.stream().map(api -> request(api, path, body)).toList();
    }

    private static FullHttpRequest request(URI api, String path, byte[] body) {
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                HttpMethod.PATCH,
                path,
                Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(body)));
        request.headers()
                .set(HttpHeaderNames.HOST, api.getAuthority())
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        return request;
    }

    /** Gives users a connection each; one that can't be made shows when its user is sent. */
    private void connect(List<User> users) throws InterruptedException {
        await(onThread(() -> users.forEach(User::takeConnection)));
        for (User user : users) {
            ChannelFuture connecting = user.connecting;
            if (connecting != null) {
                connecting.await();
            }
        }
    }

    private CompletableFuture<Void> onThread(Runnable work) {
        return CompletableFuture.runAsync(work, thread);
    }

    private static void await(CompletableFuture<Void> work) throws InterruptedException {
        try {
            work.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the crowd could not do its work", e);
        }
    }

    private static void awaitNanoTime(long moment) throws InterruptedException {
        for (long left = moment - System.nanoTime(); left > 0; left = moment - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    private static void awaitAll(List<User> crowd, Duration patience) throws InterruptedException {
        try {
            CompletableFuture.allOf(crowd.stream().map(user -> user.arrival).toArray(CompletableFuture[]::new))
                    .get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // Who has no answer by now is recorded so.
        } catch (ExecutionException e) {
            throw new IllegalStateException("an answer could not be recorded", e);
        }
    }

    private static Answer answer(User user, long start, Duration patience) {
        long sentNanos = user.sent - start;
        Arrival arrival = user.arrival.getNow(null);
        if (arrival == null) {
            String problem = "no answer within " + patience.toMillis() + " ms";
            return new Answer(user.number, user.api, sentNanos, null, null, null, null, problem);
        }
        if (arrival.error() != null) {
            String problem = arrival.error().toString();
            return new Answer(user.number, user.api, sentNanos, null, null, null, null, problem);
        }
        JsonNode body = read(arrival.body());
        return new Answer(
                user.number,
                user.api,
                sentNanos,
                arrival.at() - start,
                arrival.status(),
                orderId(body),
                body.path("ticket").isIntegralNumber() ? body.path("ticket").longValue() : null,
                arrival.status() < 300 ? null : problem(body));
    }

    private static JsonNode read(String body) {
        try {
            return JSON.readTree(body);
        } catch (JacksonException e) {
            return JSON.createObjectNode();
        }
    }

    private static @Nullable UUID orderId(JsonNode body) {
        try {
            return body.path("orderId").isString()
                    ? UUID.fromString(body.path("orderId").stringValue())
                    : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String problem(JsonNode body) {
        String type = body.path("type").asString("about:blank");
        return type.substring(type.lastIndexOf('/') + 1);
    }

    private record Arrival(
            long at, int status, String body, @Nullable Throwable error) {}

    /** Who orders once. */
    private final class User {

        private final int number;
        private final int api;
        private final CompletableFuture<Arrival> arrival = new CompletableFuture<>();
        private volatile @Nullable ChannelFuture connecting;
        private volatile long sent;

        // Used by the crowd's thread alone.
        private @Nullable Channel channel;

        User(int number) {
            this.number = number;
            this.api = number % apis.size();
        }

        void takeConnection() {
            Channel kept = idle.get(api).poll();
            while (kept != null && !kept.isActive()) {
                kept = idle.get(api).poll();
            }
            channel = kept;
            if (kept == null) {
                URI uri = apis.get(api);
                connecting = bootstrap.connect(uri.getHost(), uri.getPort());
            }
        }

        void send(List<FullHttpRequest> requests) {
            sent = System.nanoTime();
            ChannelFuture connection = connecting;
            if (connection != null && !connection.isSuccess()) {
                fail(connection.cause());
                return;
            }
            Channel open = connection == null ? Objects.requireNonNull(channel) : connection.channel();
            channel = open;
            Connection handler = open.pipeline().get(Connection.class);
            if (handler == null) {
                fail(new ClosedChannelException());
                return;
            }
            handler.user = this;
            open.writeAndFlush(requests.get(api).duplicate()).addListener(written -> {
                if (!written.isSuccess()) {
                    fail(written.cause());
                }
            });
        }

        void fail(Throwable error) {
            arrival.complete(new Arrival(System.nanoTime(), 0, "", error));
        }

        /** Gives up a request without an answer, and with it the connection. */
        void leave() {
            if (channel != null && !arrival.isDone()) {
                channel.close();
            }
        }
    }

    /** Hands the answer to the user who asked. */
    private final class Connection extends SimpleChannelInboundHandler<FullHttpResponse> {

        private @Nullable User user;

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
            long at = System.nanoTime();
            User asked = user;
            if (asked == null) {
                context.close();
                return;
            }
            user = null;
            if (HttpUtil.isKeepAlive(response)) {
                idle.get(asked.api).add(context.channel());
            } else {
                context.close();
            }
            asked.arrival.complete(new Arrival(
                    at, response.status().code(), response.content().toString(StandardCharsets.UTF_8), null));
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
            User asked = user;
            if (asked != null) {
                user = null;
                asked.fail(error);
            }
        }
    }
}
