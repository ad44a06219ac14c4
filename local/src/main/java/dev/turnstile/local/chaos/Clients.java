package dev.turnstile.local.chaos;

import dev.turnstile.batch.AsyncFailures;
import dev.turnstile.local.chaos.Exchange.Answer;
import dev.turnstile.local.chaos.Step.Leaving;
import dev.turnstile.local.chaos.Step.Looking;
import dev.turnstile.local.chaos.Step.Ordering;
import dev.turnstile.local.chaos.Step.Pairing;
import dev.turnstile.local.chaos.Step.Restocking;
import dev.turnstile.local.client.OrderRequests;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** All clients of a run: they do what its steps say, and write down what they see. Safe for use by any thread. */
final class Clients {

    /** Beyond the time after which an API answers in any case. */
    private static final Duration PATIENCE = Duration.ofSeconds(45);

    private static final int KEPT = 100;
    private static final int LONGEST_FOLLOWED_MS = 20_000;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final List<URI> apis;
    private final String adminToken;
    private final long start = System.nanoTime();
    private final AtomicInteger others = new AtomicInteger();

    // guarded by this
    private final List<Exchange> history = new ArrayList<>();
    private final List<CompletableFuture<Exchange>> open = new ArrayList<>();
    private final List<UUID> waiting = new ArrayList<>();
    private final List<UUID> known = new ArrayList<>();
    private final Map<String, Ordering> byKey = new LinkedHashMap<>();

    Clients(List<URI> apis, String adminToken) {
        this.apis = List.copyOf(apis);
        this.adminToken = adminToken;
    }

    /** Milliseconds since these clients were made. */
    long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    /** Does a step; returns at once. */
    void take(Step step) {
        if (step instanceof Ordering ordering) {
            await(order(ordering));
        } else if (step instanceof Pairing pair) {
            await(order(pair.first())
                    .thenComposeAsync(
                            answered -> order(pair.second()),
                            later(pair.second().atMs())));
        } else if (step instanceof Leaving leaving) {
            leave(leaving);
        } else if (step instanceof Looking looking) {
            look(looking);
        } else if (step instanceof Restocking restocking) {
            restock(restocking);
        }
    }

    /** What was seen, when all have their answers or gave up. */
    List<Exchange> history() {
        List<CompletableFuture<Exchange>> all;
        synchronized (this) {
            all = List.copyOf(open);
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
        synchronized (this) {
            return List.copyOf(history);
        }
    }

    private static Executor later(long ms) {
        return CompletableFuture.delayedExecutor(ms, TimeUnit.MILLISECONDS);
    }

    /** Repeats the orders under keys that got no conclusive answer. */
    void settle() {
        Set<String> told = history().stream()
                .filter(exchange -> exchange.orderId() != null)
                .map(Exchange::key)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        List<Ordering> doubtful;
        synchronized (this) {
            doubtful = byKey.values().stream()
                    .filter(order -> !told.contains(order.key()))
                    .toList();
        }
        for (Ordering order : doubtful) {
            await(order(
                    new Ordering(0, order.number(), order.api(), order.mode(), order.lines(), order.key(), null, 0)));
        }
    }

    private CompletableFuture<Exchange> order(Ordering step) {
        HttpRequest.Builder request = request(step.api(), OrderRequests.path(step.mode()))
                .header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofByteArray(OrderRequests.body(step.lines())));
        if (step.key() != null) {
            synchronized (this) {
                byKey.put(step.key(), step);
            }
            request.header("Idempotency-Key", "\"" + step.key() + "\"");
        }
        if (step.prefer() != null) {
            request.header("Prefer", step.prefer());
        }
        return ask(
                request.build(),
                new Asked(Exchange.Kind.ORDER, step.number(), step.mode(), step.lines(), step.key(), null),
                step.patienceMs());
    }

    private void leave(Leaving step) {
        UUID orderId;
        synchronized (this) {
            if (waiting.isEmpty()) {
                return;
            }
            orderId = waiting.remove((int) (step.choice() * waiting.size()));
        }
        await(ask(
                request(step.api(), "/v1/orders/" + orderId).DELETE().build(),
                new Asked(Exchange.Kind.LEAVE, others.getAndIncrement(), null, List.of(), null, orderId),
                0));
    }

    private void look(Looking step) {
        UUID orderId;
        synchronized (this) {
            if (known.isEmpty()) {
                return;
            }
            orderId = known.get((int) (step.choice() * known.size()));
        }
        String path = "/v1/orders/" + orderId + (step.follows() ? "/events" : "");
        await(ask(
                request(step.api(), path).build(),
                new Asked(
                        step.follows() ? Exchange.Kind.FOLLOW : Exchange.Kind.LOOK,
                        others.getAndIncrement(),
                        null,
                        List.of(),
                        null,
                        orderId),
                step.follows() ? LONGEST_FOLLOWED_MS : 0));
    }

    private void restock(Restocking step) {
        HttpRequest request = request(step.api(), "/v1/stocks/" + step.productId())
                .header("Authorization", "Bearer " + adminToken)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(Map.of("quantity", step.quantity()))))
                .build();
        List<OrderLine> stock = List.of(new OrderLine(step.productId(), step.quantity()));
        await(ask(request, new Asked(Exchange.Kind.RESTOCK, others.getAndIncrement(), null, stock, null, null), 0));
    }

    private HttpRequest.Builder request(int api, String path) {
        return HttpRequest.newBuilder(apis.get(api % apis.size()).resolve(path)).timeout(PATIENCE);
    }

    private record Asked(
            Exchange.Kind kind,
            int number,
            @Nullable Mode mode,
            List<OrderLine> lines,
            @Nullable String key,
            @Nullable UUID orderId) {}

    private synchronized void await(CompletableFuture<Exchange> answer) {
        open.removeIf(CompletableFuture::isDone);
        open.add(answer);
    }

    private CompletableFuture<Exchange> ask(HttpRequest request, Asked asked, int patienceMs) {
        long sentMs = nowMs();
        CompletableFuture<HttpResponse<String>> answer = http.sendAsync(request, BodyHandlers.ofString());
        if (patienceMs > 0) {
            CompletableFuture.delayedExecutor(patienceMs, TimeUnit.MILLISECONDS).execute(() -> answer.cancel(true));
        }
        return answer.handle((response, failure) -> {
            Exchange exchange = response == null
                    ? broken(asked, sentMs, failure, answer.isCancelled())
                    : answered(asked, sentMs, response);
            note(exchange);
            return exchange;
        });
    }

    private synchronized void note(Exchange exchange) {
        history.add(exchange);
        UUID orderId = exchange.orderId();
        if (!exchange.isOrder() || orderId == null) {
            return;
        }
        keep(known, orderId);
        if (exchange.status() == 202 && exchange.mode() == Mode.FAIR) {
            keep(waiting, orderId);
        }
    }

    private static void keep(List<UUID> some, UUID orderId) {
        some.add(orderId);
        if (some.size() > KEPT) {
            some.remove(0);
        }
    }

    private Exchange broken(Asked asked, long sentMs, @Nullable Throwable failure, boolean retired) {
        Throwable cause = failure == null ? null : AsyncFailures.cause(failure);
        return exchange(asked, sentMs, Answer.of(0, asked.orderId(), String.valueOf(cause)), retired);
    }

    private Exchange answered(Asked asked, long sentMs, HttpResponse<String> response) {
        boolean followed = asked.kind() == Exchange.Kind.FOLLOW && response.statusCode() == 200;
        Answer answer = followed
                ? Answers.ofEvents(response.body(), asked.orderId())
                : Answers.of(response.statusCode(), response.body(), asked.orderId());
        return exchange(asked, sentMs, answer, false);
    }

    private Exchange exchange(Asked asked, long sentMs, Answer answer, boolean retired) {
        return new Exchange(
                asked.kind(),
                asked.number(),
                sentMs,
                nowMs(),
                asked.mode(),
                asked.lines(),
                asked.key(),
                answer,
                retired);
    }
}
