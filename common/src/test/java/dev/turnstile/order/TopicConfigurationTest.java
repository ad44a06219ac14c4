package dev.turnstile.order;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

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
                        "orders.replies")
                .allSatisfy((name, topic) -> {
                    assertThat(topic.name()).isEqualTo(name);
                    assertThat(topic.numPartitions()).isEqualTo(12);
                    assertThat(topic.replicationFactor()).isEqualTo((short) -1);
                }));
    }

    @Test
    void takesPartitionsAndReplicationFromTheConfiguration() {
        application
                .withPropertyValues("turnstile.kafka.partitions=3", "turnstile.kafka.replication=2")
                .run(context -> assertThat(context.getBean("orders.fair", NewTopic.class))
                        .isEqualTo(new NewTopic("orders.fair", 3, (short) 2)));
    }

    @Test
    void namesThePropertyThatIsOutOfBounds() {
        application.withPropertyValues("turnstile.kafka.partitions=0").run(context -> assertThat(context)
                .getFailure()
                .hasRootCauseMessage("turnstile.kafka.partitions must be at least 1, was 0"));
    }
}
