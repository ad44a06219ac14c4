package dev.turnstile.api;

import dev.turnstile.api.problem.ProblemReportValve;
import io.swagger.v3.oas.annotations.OpenAPIDefinition;
import io.swagger.v3.oas.annotations.enums.SecuritySchemeType;
import io.swagger.v3.oas.annotations.info.Info;
import io.swagger.v3.oas.annotations.security.SecurityScheme;
import org.apache.catalina.core.StandardHost;
import org.apache.coyote.http11.Http11NioProtocol;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The web server and the description of what it serves. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ApiProperties.class)
@OpenAPIDefinition(
        info =
                @Info(
                        title = "Turnstile",
                        version = "1",
                        description =
                                "Orders for limited stock: strict first come, first served, or fast and unordered."
                                        + " Every error is application/problem+json; open its type to read what it means."))
@SecurityScheme(
        name = "admin",
        type = SecuritySchemeType.HTTP,
        scheme = "bearer",
        description = "turnstile.api.admin-token")
class WebConfiguration {

    /** An order and its answer fit; a longer one goes in several parts. */
    private static final int BUFFER_BYTES = 2048;

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> problemsInsteadOfPages() {
        return factory -> factory.addContextCustomizers(context -> {
            if (context.getParent() instanceof StandardHost host) {
                host.setErrorReportValveClass(ProblemReportValve.class.getName());
            }
        });
    }

    /** Each waiting request keeps its buffers, and a crowd may wait: some 77 KB with these sizes at their defaults, 59 so. */
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> smallBuffers() {
        return factory -> {
            factory.setProtocol(SmallAnswers.class.getName());
            factory.addConnectorCustomizers(connector -> {
                connector.setProperty("socket.appReadBufSize", Integer.toString(BUFFER_BYTES));
                connector.setProperty("socket.appWriteBufSize", Integer.toString(BUFFER_BYTES));
            });
        };
    }

    /** HTTP/1.1 whose answers have small buffers. Made by Tomcat. */
    public static final class SmallAnswers extends Http11NioProtocol {

        @Override
        public int getDesiredBufferSize() {
            return BUFFER_BYTES;
        }
    }
}
