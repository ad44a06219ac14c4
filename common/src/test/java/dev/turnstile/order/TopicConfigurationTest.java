package dev.turnstile.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

class TopicConfigurationTest {

    private final ApplicationContextRunner application =
            new ApplicationContextRunner().withUserConfiguration(TopicConfiguration.class);

    @Test
    void declaresEveryTopicWithTheBrokersReplication() {
        application.run(context -> assertThat(context.getBeansOfType(NewTopic.class))
                .containsOnlyKeys(
                        "orders.distributed",
                        "orders.fair",
                        "orders.fair.open",
                        "orders.distributed.dlt",
                        "orders.fair.dlt",
                        "orders.fair.open.dlt",
                        "orders.replies",
                        "orders.installation")
                .allSatisfy((name, topic) -> {
                    assertThat(topic.name()).isEqualTo(name);
                    assertThat(topic.numPartitions()).isEqualTo(name.equals("orders.installation") ? 1 : 12);
                    assertThat(topic.replicationFactor()).isEqualTo((short) -1);
                }));
    }

    @Test
    void keepsOrdersDeadLettersAndRepliesForTheirTimes() {
        application
                .withPropertyValues("turnstile.kafka.order-retention=2d", "turnstile.kafka.reply-retention=0s")
                .run(context -> {
                    assertThat(configs(context, "orders.fair.open")).containsEntry("retention.ms", "172800000");
                    assertThat(configs(context, "orders.fair.open.dlt")).containsEntry("retention.ms", "2592000000");
                    assertThat(configs(context, "orders.replies")).isNull();
                    assertThat(configs(context, "orders.installation"))
                            .as("for good")
                            .containsEntry("retention.ms", "-1")
                            .containsEntry("retention.bytes", "-1");
                });
    }

    private static Map<String, String> configs(ApplicationContext context, String topic) {
        return context.getBean(topic, NewTopic.class).configs();
    }

    @Test
    void deadLettersAreNotForgottenBeforeOrders() {
        application.withPropertyValues("turnstile.kafka.order-retention=31d").run(context -> assertThat(context)
                .getFailure()
                .rootCause()
                .hasMessageContaining("turnstile.kafka.dead-letter-retention must not be shorter than"));
    }

    @Test
    void takesPartitionsAndReplicationFromTheConfiguration() {
        application
                .withPropertyValues("turnstile.kafka.partitions=3", "turnstile.kafka.replication=2")
                .run(context -> assertThat(context.getBean("orders.fair", NewTopic.class))
                        .satisfies(topic -> {
                            assertThat(topic.numPartitions()).isEqualTo(3);
                            assertThat(topic.replicationFactor()).isEqualTo((short) 2);
                        }));
    }

    @Test
    void namesThePropertyThatIsOutOfBounds() {
        application.withPropertyValues("turnstile.kafka.partitions=0").run(context -> assertThat(context)
                .getFailure()
                .hasRootCauseMessage("turnstile.kafka.partitions must be at least 1, was 0"));
    }
}
