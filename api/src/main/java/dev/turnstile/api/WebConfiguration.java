package dev.turnstile.api;

import dev.turnstile.api.problem.ProblemReportValve;
import io.swagger.v3.oas.annotations.OpenAPIDefinition;
import io.swagger.v3.oas.annotations.enums.SecuritySchemeType;
import io.swagger.v3.oas.annotations.info.Info;
import io.swagger.v3.oas.annotations.security.SecurityScheme;
import io.swagger.v3.oas.annotations.servers.Server;
import org.apache.catalina.core.StandardHost;
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
                                        + " Every error is application/problem+json; open its type to read what it means."),
        servers = @Server(url = "/", description = "This instance"))
@SecurityScheme(
        name = "admin",
        type = SecuritySchemeType.HTTP,
        scheme = "bearer",
        description = "turnstile.api.admin-token")
class WebConfiguration {

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> problemsInsteadOfPages() {
        return factory -> factory.addContextCustomizers(context -> {
            if (context.getParent() instanceof StandardHost host) {
                host.setErrorReportValveClass(ProblemReportValve.class.getName());
            }
        });
    }
}
