package dev.turnstile.local.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.turnstile.local.fault.RedisFaults.Paused;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.redis.RedisClients;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.redisson.api.RBucket;
import org.redisson.api.RScript;
import org.redisson.api.RTopic;
import org.redisson.api.RedissonClient;
import org.redisson.api.redisnode.RedisNodes;
import org.redisson.client.codec.StringCodec;

/** On a real Redis, seen by a client as the applications use it. */
class RedisFaultsIT {

    private static final String KEY = "fault-kit";

    private URI redis;
    private RedissonClient client;
    private RedisFaults faults;

    @BeforeEach
    void connect() {
        redis = SharedStack.get().addresses().redlockNodes().get(0);
        client = RedisClients.connect(redis, Duration.ofSeconds(5));
        faults = new RedisFaults(redis);
    }

    @AfterEach
    void disconnect() {
        client.getKeys().delete(KEY);
        client.shutdown();
    }

    private RBucket<String> bucket() {
        return client.getBucket(KEY, StringCodec.INSTANCE);
    }

    private void ping() {
        client.getRedisNodes(RedisNodes.SINGLE).getInstance().ping();
    }

    private static Duration time(Runnable task) {
        long begun = System.nanoTime();
        task.run();
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    @Test
    void flushAllForgetsEverything() {
        bucket().set("here");
        faults.flushAll();
        assertThat(bucket().isExists()).isFalse();
    }

    @Test
    void aKeyIsDeletedByHand() {
        bucket().set("here");
        assertThat(faults.delete(KEY)).isTrue();
        assertThat(faults.delete(KEY)).isFalse();
        assertThat(bucket().isExists()).isFalse();
    }

    @Test
    void flushedScriptsAreUnknown() {
        RScript scripts = client.getScript(StringCodec.INSTANCE);
        String sha = scripts.scriptLoad("return 'fault-kit'");
        assertThat(scripts.scriptExists(sha)).containsExactly(true);
        faults.flushScripts();
        assertThat(scripts.scriptExists(sha)).containsExactly(false);
    }

    @Test
    void aPauseOfAllHoldsUpEvenAPing() {
        ping();
        faults.pause(Duration.ofMillis(600), Paused.ALL);
        assertThat(time(this::ping)).isBetween(Duration.ofMillis(400), Duration.ofSeconds(4));
        assertThat(time(this::ping)).isLessThan(Duration.ofMillis(400));
    }

    @Test
    void theHealingOfAPauseOfAllWaitsForItsEnd() {
        FaultHandle healing = faults.pause(Duration.ofMillis(600), Paused.ALL);
        assertThat(time(healing::heal)).isGreaterThan(Duration.ofMillis(400));
        assertThat(time(this::ping)).isLessThan(Duration.ofMillis(400));
    }

    @Test
    void aPauseOfWritesLetsReadsPassAndCanBeEnded() {
        ping();
        FaultHandle healing = faults.pause(Duration.ofSeconds(30), Paused.WRITE);
        assertThat(time(() -> bucket().get())).isLessThan(Duration.ofSeconds(2));
        var write = bucket().setAsync("late").toCompletableFuture();
        await().during(Duration.ofMillis(300)).until(() -> !write.isDone());

        healing.heal();

        assertThat(write).succeedsWithin(Duration.ofSeconds(5));
    }

    @Test
    void killsTheConnectionsOfSubscribersWhichComeBackByThemselves() throws IOException {
        AtomicInteger heard = new AtomicInteger();
        RTopic topic = client.getTopic(KEY, StringCodec.INSTANCE);
        topic.addListener(String.class, (channel, message) -> heard.incrementAndGet());
        try (Socket subscriber = new Socket(redis.getHost(), redis.getPort())) {
            subscriber.setSoTimeout(10_000);
            subscriber.getOutputStream().write("SUBSCRIBE fault-kit\r\n".getBytes(StandardCharsets.US_ASCII));
            await().until(() -> topic.publish("hello") == 2);

            assertThat(faults.killSubscribers()).isPositive();

            assertThat(subscriber.getInputStream().readAllBytes())
                    .as("what it heard before its connection ended")
                    .isNotEmpty();
        }
        int before = heard.get();
        await().atMost(Duration.ofSeconds(20)).until(() -> topic.publish("again") == 1);
        await().until(() -> heard.get() > before);
    }

    @Test
    void anEndlessPauseIsRefused() {
        assertThatThrownBy(() -> faults.pause(Duration.ofHours(1), Paused.ALL))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
