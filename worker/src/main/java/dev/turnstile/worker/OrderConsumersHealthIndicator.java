package dev.turnstile.worker;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Up once every consumer of orders has joined its group: {@code orderConsumers} of the readiness group. */
@Component("orderConsumers")
class OrderConsumersHealthIndicator implements HealthIndicator {

    private final OrderContainers containers;

    OrderConsumersHealthIndicator(OrderContainers containers) {
        this.containers = containers;
    }

    @Override
    public Health health() {
        return (containers.allJoined() ? Health.up() : Health.down())
                .withDetails(containers.partitions())
                .build();
    }
}
