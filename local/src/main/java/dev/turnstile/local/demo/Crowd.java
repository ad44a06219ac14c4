package dev.turnstile.local.demo;

import dev.turnstile.local.client.Connections;
import dev.turnstile.local.client.Connections.Arrival;
import dev.turnstile.local.client.Connections.Connection;
import dev.turnstile.local.client.OrderRequests;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import io.netty.handler.codec.http.FullHttpRequest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
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
 * A crowd of buyers. User {@code i} asks API {@code i mod n} over a connection of their own, which stands before they
 * ask and is kept alive from one crowd to the next.
 */
public final class Crowd implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Connections connections;

    /**
     * Makes a crowd.
     *
     * @param apis base URIs of the API instances, asked in turn
     * @throws IllegalArgumentException if there are none
     */
    public Crowd(List<URI> apis) {
        this.connections = new Connections(apis);
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
     * @param keys which users send an idempotency key
     * @return one answer per user, in the order of sending
     * @throws InterruptedException if interrupted while waiting; requests under way are given up
     */
    public List<Answer> release(int users, Duration gap, Duration patience, Mode mode, List<OrderLine> lines, Keys keys)
            throws InterruptedException {
        List<FullHttpRequest> requests = connections.apis().stream()
                .map(api -> OrderRequests.order(api, OrderRequests.path(mode), lines))
                .toList();
        List<User> crowd = IntStream.range(0, users)
                .mapToObj(number -> user(number, requests, keys))
                .toList();
        if (gap.isZero()) {
            connect(crowd);
        }
        long start = System.nanoTime();
        try {
            if (gap.isZero()) {
                await(connections.onThread(() -> crowd.forEach(User::send)));
            } else {
                for (User user : crowd) {
                    // Not long before: an API doesn't wait for ever for what it is asked.
                    connect(List.of(user));
                    await(connections.onThread(user::send));
                    awaitNanoTime(user.sent + gap.toNanos());
                }
            }
            awaitAll(crowd, patience);
            return crowd.stream().map(user -> answer(user, start, patience)).toList();
        } finally {
            CompletableFuture<Void> unused = connections.onThread(() -> crowd.forEach(User::leave));
        }
    }

    /** Gives up the connections. Answers that are still under way are not waited for. */
    @Override
    public void close() {
        connections.close();
    }

    private User user(int number, List<FullHttpRequest> requests, Keys keys) {
        int api = number % requests.size();
        FullHttpRequest request = requests.get(api);
        boolean keyed = keys.has(number / requests.size());
        return new User(number, api, keyed ? OrderRequests.withKey(request, UUID.randomUUID()) : request);
    }

    /** Gives users a connection each; one that can't be made shows when its user is sent. */
    private void connect(List<User> users) throws InterruptedException {
        await(connections.onThread(() -> users.forEach(User::takeConnection)));
        for (User user : users) {
            await(user.connection.handle((connection, failure) -> null));
        }
    }

    private static void await(CompletableFuture<?> work) throws InterruptedException {
        try {
            work.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the buyers could not run", e);
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

    /** Who orders once. */
    private final class User {

        private final int number;
        private final int api;
        private final FullHttpRequest request;
        private final CompletableFuture<Arrival> arrival = new CompletableFuture<>();
        private volatile CompletableFuture<Connection> connection = new CompletableFuture<>();
        private volatile long sent;

        User(int number, int api, FullHttpRequest request) {
            this.number = number;
            this.api = api;
            this.request = request;
        }

        void takeConnection() {
            connection = connections.take(api);
        }

        void send() {
            sent = System.nanoTime();
            CompletableFuture<Connection> unused = connection.whenComplete((open, failure) -> {
                if (failure == null) {
                    open.ask(request, arrival::complete);
                } else {
                    arrival.complete(Connections.failed(failure));
                }
            });
        }

        /** Gives up a request without an answer, and with it the connection. */
        void leave() {
            if (!arrival.isDone()) {
                CompletableFuture<Void> unused = connection.thenAccept(Connection::abandon);
            }
        }
    }
}
