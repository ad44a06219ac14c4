package dev.turnstile.local.bench.classic;

import dev.turnstile.batch.AsyncFailures;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * HTTP in front of the classic way, with the requests and answers of Turnstile's API: orders by {@code PATCH}, stock by
 * {@code PUT} and {@code GET}. Like Node it reads and answers on one event loop, so that orders are published in the
 * order in which it read them, and no thread waits for an outcome.
 */
@SuppressWarnings("FutureReturnValueIgnored") // of Netty: nothing hangs on when an answer is written
final class HttpDoor implements AutoCloseable {

    private static final String FAIR_PATH = "/v1/stocks/locks/fair";
    private static final String DISTRIBUTED_PATH = "/v1/stocks/locks/distributed";
    private static final String HEALTH_PATH = "/health";
    private static final Pattern STOCK_PATH = Pattern.compile("/v1/stocks/([1-9][0-9]{0,15})");

    private static final int LONGEST_BODY = 64 * 1024;
    private static final int BACKLOG = 4096;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final OrderDesk orders;
    private final StockDesk stocks;
    private final EventLoopGroup threads = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ExecutorService blocking = Executors.newFixedThreadPool(2, task -> {
        Thread thread = new Thread(task, "classic-stock");
        thread.setDaemon(true);
        return thread;
    });

    private HttpDoor(OrderDesk orders, StockDesk stocks) {
        this.orders = orders;
        this.stocks = stocks;
    }

    /** The body of an order. */
    record OrderBody(@Nullable List<OrderLine> orders) {}

    /** The body of a PUT. */
    record StockBody(int quantity) {}

    /** Opens on a port of the loopback interface. */
    static HttpDoor open(int port, OrderDesk orders, StockDesk stocks) throws InterruptedException {
        HttpDoor door = new HttpDoor(orders, stocks);
        new ServerBootstrap()
                .group(door.threads)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpObjectAggregator(LONGEST_BODY))
                                .addLast(door.new Handler());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), port)
                .sync();
        return door;
    }

    @Override
    public void close() {
        threads.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        blocking.shutdownNow();
    }

    private CompletableFuture<Reply> answer(HttpMethod method, String path, byte[] body) {
        if (method.equals(HttpMethod.PATCH) && path.equals(FAIR_PATH)) {
            return order(Mode.FAIR, body);
        }
        if (method.equals(HttpMethod.PATCH) && path.equals(DISTRIBUTED_PATH)) {
            return order(Mode.DISTRIBUTED, body);
        }
        if (method.equals(HttpMethod.GET) && path.equals(HEALTH_PATH)) {
            return CompletableFuture.completedFuture(Reply.ok(Map.of("status", "UP")));
        }
        Matcher stock = STOCK_PATH.matcher(path);
        if (stock.matches() && method.equals(HttpMethod.PUT)) {
            long productId = Long.parseLong(stock.group(1));
            int quantity = JSON.readValue(body, StockBody.class).quantity();
            return CompletableFuture.supplyAsync(() -> Reply.ok(stocks.set(productId, quantity)), blocking);
        }
        if (stock.matches() && method.equals(HttpMethod.GET)) {
            long productId = Long.parseLong(stock.group(1));
            return CompletableFuture.supplyAsync(
                    () -> stocks.get(productId)
                            .map(Reply::ok)
                            .orElseGet(() -> Reply.problem(404, "unknown-product", "There is no such product.")),
                    blocking);
        }
        return CompletableFuture.completedFuture(Reply.problem(404, "not-found", "The address does not exist."));
    }

    private CompletableFuture<Reply> order(Mode mode, byte[] body) {
        List<OrderLine> lines = JSON.readValue(body, OrderBody.class).orders();
        if (lines == null) {
            throw new IllegalArgumentException("orders is missing");
        }
        CompletableFuture<Decision> decision = orders.order(mode, lines);
        return decision.thenApply(Reply::of);
    }

    private static Reply failed(Throwable failure) {
        Throwable cause = AsyncFailures.cause(failure);
        boolean unreadable = cause instanceof JacksonException || cause instanceof IllegalArgumentException;
        return unreadable
                ? Reply.problem(422, "invalid-request", String.valueOf(cause.getMessage()))
                : Reply.problem(503, "unavailable", cause.toString());
    }

    /** Answers the requests of one connection. */
    private final class Handler extends SimpleChannelInboundHandler<FullHttpRequest> {

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            boolean keepAlive = HttpUtil.isKeepAlive(request);
            CompletableFuture<Reply> reply;
            try {
                reply = answer(request.method(), request.uri(), ByteBufUtil.getBytes(request.content()));
            } catch (RuntimeException e) {
                reply = CompletableFuture.failedFuture(e);
            }
            reply.exceptionally(HttpDoor::failed).thenAccept(done -> write(context, done, keepAlive));
        }

        private void write(ChannelHandlerContext context, Reply reply, boolean keepAlive) {
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.valueOf(reply.status()),
                    Unpooled.wrappedBuffer(JSON.writeValueAsBytes(reply.body())));
            response.headers().set(HttpHeaderNames.CONTENT_TYPE, reply.contentType());
            HttpUtil.setContentLength(response, response.content().readableBytes());
            HttpUtil.setKeepAlive(response, keepAlive);
            context.writeAndFlush(response).addListener(written -> {
                if (!keepAlive) {
                    context.close();
                }
            });
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
