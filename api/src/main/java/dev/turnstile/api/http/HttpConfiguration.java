package dev.turnstile.api.http;

import java.time.Duration;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.method.support.HandlerMethodReturnValueHandler;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.json.JsonMapper;

/** What a client may send, how slowly, and from where. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(HttpProperties.class)
class HttpConfiguration {

    /** An order and its answer fit; a longer one goes in several parts. */
    private static final int BUFFER_BYTES = 2048;

    /** By how much Tomcat's own limit for the silence within a body is longer than ours, which answers. */
    private static final Duration SPARE = Duration.ofSeconds(5);

    /**
     * Inside of those that note arrivals and measure, and before all that answer: an answer in the middle of a body is
     * lost.
     */
    private static final int BODY_ORDER = Ordered.HIGHEST_PRECEDENCE + 10;

    private static final int DOOR_ORDER = Ordered.HIGHEST_PRECEDENCE + 15;

    private static final int PAGES_ORDER = Ordered.HIGHEST_PRECEDENCE + 20;

    private static final int PAGE_QUERY_ORDER = Ordered.HIGHEST_PRECEDENCE + 30;

    @Bean
    FilterRegistrationBean<BodyFilter> bodyFilter(HttpProperties properties) {
        FilterRegistrationBean<BodyFilter> registration = new FilterRegistrationBean<>(new BodyFilter(properties));
        registration.setOrder(BODY_ORDER);
        return registration;
    }

    @Bean
    FilterRegistrationBean<DoorFilter> doorFilter() {
        FilterRegistrationBean<DoorFilter> registration = new FilterRegistrationBean<>(new DoorFilter());
        registration.setOrder(DOOR_ORDER);
        return registration;
    }

    @Bean
    FilterRegistrationBean<ProblemCorsFilter> problemCorsFilter(HttpProperties properties) {
        FilterRegistrationBean<ProblemCorsFilter> registration =
                new FilterRegistrationBean<>(new ProblemCorsFilter(properties.allowedOrigins()));
        registration.setOrder(PAGES_ORDER);
        return registration;
    }

    @Bean
    FilterRegistrationBean<PageQueryFilter> pageQueryFilter() {
        FilterRegistrationBean<PageQueryFilter> registration = new FilterRegistrationBean<>(new PageQueryFilter());
        registration.setOrder(PAGE_QUERY_ORDER);
        return registration;
    }

    @Bean
    FilterRegistrationBean<ActuatorProblemFilter> actuatorProblemFilter() {
        FilterRegistrationBean<ActuatorProblemFilter> registration =
                new FilterRegistrationBean<>(new ActuatorProblemFilter());
        registration.setOrder(PAGE_QUERY_ORDER + 1);
        return registration;
    }

    @Bean
    WebMvcConfigurer lateAnswers(
            JsonMapper json, @Qualifier("handlerExceptionResolver") ObjectProvider<HandlerExceptionResolver> failures) {
        LateAnswerHandler handler = new LateAnswerHandler(json, failures);
        return new WebMvcConfigurer() {
            @Override
            public void addReturnValueHandlers(List<HandlerMethodReturnValueHandler> handlers) {
                handlers.add(handler);
            }
        };
    }

    /**
     * Each waiting request keeps its buffers, and a crowd may wait: some 77 KB with these sizes at their defaults, 59
     * so.
     */
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> bounds(HttpProperties properties) {
        return factory -> {
            factory.setProtocol(BoundedHttp.class.getName());
            factory.addConnectorCustomizers(connector -> {
                connector.setProperty("socket.appReadBufSize", Integer.toString(BUFFER_BYTES));
                connector.setProperty("socket.appWriteBufSize", Integer.toString(BUFFER_BYTES));
                connector.setProperty("disableUploadTimeout", "false");
                connector.setProperty(
                        "connectionUploadTimeout",
                        Long.toString(properties.bodyTimeout().plus(SPARE).toMillis()));
                if (connector.getProtocolHandler() instanceof BoundedHttp bounded) {
                    bounded.bound(BUFFER_BYTES, properties.headTimeout());
                }
            });
        };
    }
}
