package dev.turnstile.local.client;

import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;

/** The {@code PATCH} requests of buyers. */
public final class OrderRequests {

    private static final JsonMapper JSON = JsonMapper.shared();

    private OrderRequests() {}

    /** The path on which orders of a mode are taken. */
    public static String path(Mode mode) {
        return switch (mode) {
            case DISTRIBUTED -> "/v1/stocks/locks/distributed";
            case FAIR -> "/v1/stocks/locks/fair";
        };
    }

    /** The body of an order. */
    public static byte[] body(List<OrderLine> lines) {
        return JSON.writeValueAsBytes(Map.of("orders", lines));
    }

    /**
     * An order. The request can be sent any number of times, each time as a {@code duplicate()} of it.
     *
     * @param api base URI of the API instance
     * @param path where it takes orders
     * @param lines what is ordered
     */
    public static FullHttpRequest order(URI api, String path, List<OrderLine> lines) {
        byte[] body = body(lines);
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

    /** The same request under an idempotency key. */
    public static FullHttpRequest withKey(FullHttpRequest order, UUID key) {
        return new DefaultFullHttpRequest(
                order.protocolVersion(),
                order.method(),
                order.uri(),
                order.content().duplicate(),
                order.headers().copy().set("Idempotency-Key", key.toString()),
                order.trailingHeaders());
    }
}
