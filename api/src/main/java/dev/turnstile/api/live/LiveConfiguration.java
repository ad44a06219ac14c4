package dev.turnstile.api.live;

import dev.turnstile.api.ApiProperties;
import dev.turnstile.line.LineStatus;
import dev.turnstile.line.LineThroughput;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.RecentDecisions;
import dev.turnstile.stock.StockCache;
import java.time.Duration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.CacheControl;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** The live page: nothing of it is there when it is switched off. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(LiveProperties.class)
@ConditionalOnProperty(name = LiveProperties.ENABLED, matchIfMissing = true)
class LiveConfiguration implements WebMvcConfigurer {

    private static final Duration CHARTS_KEPT = Duration.ofHours(1);

    @Bean
    LiveFeed liveFeed(
            Ledger ledger,
            RecentDecisions tail,
            LineStatus board,
            StockCache cache,
            LineThroughput pace,
            ApiProperties api,
            LiveProperties live) {
        return new LiveFeed(new LiveSource(ledger, tail, board, cache, pace, api, live, System::nanoTime), live);
    }

    @Override
    public void addResourceHandlers(ResourceHandlerRegistry registry) {
        // The chain finds the version, so that the page need not name it.
        registry.addResourceHandler("/page/webjars/**")
                .addResourceLocations("classpath:/META-INF/resources/webjars/")
                .setCacheControl(CacheControl.maxAge(CHARTS_KEPT))
                .resourceChain(true);
        registry.addResourceHandler("/page/live.*")
                .addResourceLocations("classpath:/page/")
                .setCacheControl(CacheControl.noCache());
    }
}
