package dev.turnstile.api.openapi;

import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the description of the API gets beside what its controllers say. */
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {

    @Bean
    OperationCustomizer problemResponseCustomizer() {
        return new ProblemResponseCustomizer();
    }

    @Bean
    OpenApiCustomizer problemTypes() {
        return description -> {
            description
                    .getComponents()
                    .addSchemas(ProblemResponseCustomizer.SCHEMA, ProblemResponseCustomizer.schema());
            description
                    .getInfo()
                    .setDescription(description.getInfo().getDescription() + ProblemResponseCustomizer.table());
        };
    }
}
