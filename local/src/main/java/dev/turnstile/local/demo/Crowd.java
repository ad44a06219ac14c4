package dev.turnstile.local.demo;

import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A crowd of buyers. User {@code i} asks API {@code i mod n}, at {@code start + i · gap} by one clock, so that a late
 * user delays none of the next. Connections are kept alive from one crowd to the next.
 *
 * <p>No thread waits for an answer. One thread does all of the client's work, because more would hand requests to the
 * sockets in another order than the one they are recorded in.
 */
public final class Crowd implements AutoCloseable {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final List<URI> apis;
    private final ExecutorService executor;
    private final HttpClient client;

    /**
     * @param apis base URIs of the API instances, asked in turn
     * @throws IllegalArgumentException if there are none
     */
    public Crowd(List<URI> apis) {
        if (apis.isEmpty()) {
            throw new IllegalArgumentException("a crowd needs at least one API to ask");
        }
        this.apis = List.copyOf(apis);
        executor = Executors.newSingleThreadExecutor(work -> {
            Thread thread = new Thread(work, "crowd");
            thread.setDaemon(true);
            return thread;
        });
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .executor(executor)
                .build();
    }

    /**
     * Lets every user order once and waits for the answers.
     *
     * @param users how many
     * @param gap between one user and the next; zero sends all at once
     * @param patience how long after the last user was sent the crowd waits; who has no answer then is recorded without
     *     one and the request is given up
     * @param mode the way to order
     * @param lines what every user wants
     * @return one answer per user, in the order of sending
     * @throws InterruptedException if interrupted while waiting; requests under way are given up
     */
    public List<Answer> release(int users, Duration gap, Duration patience, Mode mode, List<OrderLine> lines)
            throws InterruptedException {
        List<HttpRequest> requests = requests(mode, lines);
        long[] sent = new long[users];
        List<CompletableFuture<HttpResponse<byte[]>>> exchanges = new ArrayList<>(users);
        List<CompletableFuture<Arrival>> arrivals = new ArrayList<>(users);
        long start = System.nanoTime();
        try {
            for (int user = 0; user < users; user++) {
                awaitNanoTime(start + user * gap.toNanos());
                sent[user] = System.nanoTime() - start;
                CompletableFuture<HttpResponse<byte[]>> exchange =
                        client.sendAsync(requests.get(user % requests.size()), BodyHandlers.ofByteArray());
                exchanges.add(exchange);
                arrivals.add(
                        exchange.handle((response, error) -> new Arrival(System.nanoTime() - start, response, error)));
            }
            awaitAll(arrivals, patience);
            List<Answer> answers = new ArrayList<>(users);
            for (int user = 0; user < users; user++) {
                Arrival arrival = arrivals.get(user).getNow(null);
                answers.add(answer(user, sent[user], arrival, patience));
            }
            return answers;
        } finally {
            exchanges.forEach(exchange -> exchange.cancel(true));
        }
    }

    /** Gives up the connections. Answers that are still under way are not waited for. */
    @Override
    public void close() {
        executor.shutdown();
    }

    private List<HttpRequest> requests(Mode mode, List<OrderLine> lines) {
        String path =
                switch (mode) {
                    case DISTRIBUTED -> "/v1/stocks/locks/distributed";
                    case FAIR -> "/v1/stocks/locks/fair";
                };
        byte[] body = JSON.writeValueAsBytes(Map.of("orders", lines));
        return apis.stream()
                .map(api -> HttpRequest.newBuilder(api.resolve(path))
                        .header("Content-Type", "application/json")
                        .method("PATCH", BodyPublishers.ofByteArray(body))
                        .build())
                .toList();
    }

    private static void awaitNanoTime(long moment) throws InterruptedException {
        for (long left = moment - System.nanoTime(); left > 0; left = moment - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    private static void awaitAll(List<CompletableFuture<Arrival>> arrivals, Duration patience)
            throws InterruptedException {
        try {
            CompletableFuture.allOf(arrivals.toArray(CompletableFuture[]::new))
                    .get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // Who has no answer by now is recorded so.
        } catch (ExecutionException e) {
            throw new IllegalStateException("an answer could not be recorded", e);
        }
    }

    private Answer answer(int user, long sentNanos, @Nullable Arrival arrival, Duration patience) {
        int api = user % apis.size();
        if (arrival == null) {
            String problem = "no answer within " + patience.toMillis() + " ms";
            return new Answer(user, api, sentNanos, null, null, null, null, problem);
        }
        HttpResponse<byte[]> response = arrival.response();
        if (response == null) {
            return new Answer(user, api, sentNanos, null, null, null, null, String.valueOf(arrival.error()));
        }
        JsonNode body = read(response.body());
        return new Answer(
                user,
                api,
                sentNanos,
                arrival.nanos(),
                response.statusCode(),
                orderId(body),
                body.path("ticket").isIntegralNumber() ? body.path("ticket").longValue() : null,
                response.statusCode() < 300 ? null : problem(body));
    }

    private static JsonNode read(byte[] body) {
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
            long nanos,
            @Nullable HttpResponse<byte[]> response,
            @Nullable Throwable error) {}
}
