package dev.turnstile.local.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnstile.local.fault.FaultHandle;
import dev.turnstile.local.fault.MySqlFaults;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.OnSharedSystem;
import dev.turnstile.local.system.SharedSystem;
import dev.turnstile.local.system.TurnstileSystem;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The live page in a browser, against a system of several APIs. Skipped where there is no Chromium with its driver. */
@OnSharedSystem
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LivePageIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /**
     * Where screenshots go; by default with what the build makes. {@code -Dturnstile.screenshots=docs/images} renews
     * the docs'.
     */
    private static final String SCREENSHOTS = "turnstile.screenshots";

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path screenshots = ProjectFiles.locate()
            .root()
            .resolve(Optional.ofNullable(System.getProperty(SCREENSHOTS)).orElse("local/target/screenshots"));

    private @Nullable Browser started;

    @SuppressWarnings("NullAway.Init")
    private Browser browser;

    @SuppressWarnings("NullAway.Init")
    private TurnstileSystem system;

    private long product;

    @BeforeAll
    void start() {
        started = Browser.start().orElse(null);
        assumeTrue(started != null, "no Chromium with chromedriver on the PATH: the live page is not looked at");
        browser = started;
        system = SharedSystem.get();
    }

    @AfterAll
    void end() {
        if (started != null) {
            started.close();
        }
    }

    @BeforeEach
    void page() {
        // products of other tests don't fill the list: those that were ordered last come first
        product = 5_000_000_000L + ThreadLocalRandom.current().nextInt(1_000_000);
        system.setStock(product, 90);
        order(1, 1);
        browser.size(1280, 1600);
        browser.prefer("light");
        browser.open(system.addresses().apis().get(0) + "/");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(browser.text("#connection")).isEqualTo("live, by API 0"));
        await().atMost(PATIENCE).until(() -> browser.texts("#product option").contains(Long.toString(product)));
        browser.run("document.getElementById('product').value = '" + product + "'");
    }

    @AfterEach
    void nothingIsWrongOnTheConsole() {
        if (started != null) {
            // A browser logs every unsuccessful answer; a rejected order is no error of the page.
            assertThat(browser.errors()).noneMatch(error -> !error.contains("status of 409"));
        }
    }

    private void order(int api, int quantity) {
        URI uri = system.addresses().apis().get(api).resolve("/v1/stocks/locks/fair");
        String body = "{\"orders\":[{\"productId\":%d,\"quantity\":%d}]}".formatted(product, quantity);
        try {
            int status = http.send(
                            HttpRequest.newBuilder(uri)
                                    .header("Content-Type", "application/json")
                                    .method("PATCH", BodyPublishers.ofString(body))
                                    .build(),
                            BodyHandlers.discarding())
                    .statusCode();
            assertThat(status).isEqualTo(200);
        } catch (IOException e) {
            throw new AssertionError("no answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private void click(String action) {
        browser.element("button[value='" + action + "']").click();
    }

    private List<String> stockRow() {
        return browser.texts("#stocks tr").stream()
                .filter(row -> row.startsWith(Long.toString(product)))
                .toList();
    }

    @Test
    void showsTheWholeSystemWhicheverInstanceIsAsked() {
        order(1, 2);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(stockRow()).singleElement().satisfies(row -> assertThat(row)
                        .matches(product + " 87 87 0.*")));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(browser.text("#recent tr:first-child"))
                .contains("2 × " + product)
                .contains("fulfilled"));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(browser.text("#workers"))
                .contains("worker-1")
                .contains("worker-2"));
    }

    @Test
    void buysInBothModes() {
        click("fair");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(browser.text("#mine")).contains("in line: fulfilled"));
        click("distributed");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(browser.text("#mine li:first-child"))
                .contains("without order: fulfilled"));
    }

    @Test
    void onesOwnPlaceTicksDownAndOneCanLeave() {
        try (FaultHandle row =
                new MySqlFaults(SharedStack.get().addresses()).holdRow(product, Duration.ofSeconds(40))) {
            for (int buyer = 0; buyer < 3; buyer++) {
                click("fair");
            }
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(browser.text("#mine li:first-child"))
                    .contains("place 3"));
            browser.element("#mine li:first-child button").click();
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(browser.text("#mine li:first-child"))
                    .contains("cancelled"));
            assertThat(browser.text("#waiting")).isNotEqualTo("0");
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(browser.texts("#mine li").subList(1, 3))
                        .allMatch(item -> item.contains("fulfilled")));
    }

    @Test
    void aCrowdIsServedInOrderAndLooksWellInBothThemesAndOnAPhone() throws IOException {
        system.setStock(product, 90);
        click("crowd-fair");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(browser.text("#crowd-result"))
                .contains("90 fulfilled")
                .contains("10 out of stock"));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(stockRow()).singleElement().satisfies(row -> assertThat(row)
                        .matches(product + " 0 0 0.*")));
        assertThat(browser.text("#fairness")).contains("nobody was overtaken");
        screenshot("light");

        Object light = browser.run("return getComputedStyle(document.body).backgroundColor");
        browser.prefer("dark");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(browser.run("return getComputedStyle(document.body).backgroundColor"))
                        .isNotEqualTo(light));
        screenshot("dark");

        browser.size(360, 1600);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        browser.run("return document.documentElement.scrollWidth <= window.innerWidth"))
                .isEqualTo(true));
        screenshot("phone");
    }

    private void screenshot(String name) throws IOException {
        browser.screenshot(screenshots.resolve("live-" + name + ".png"));
    }

    @Test
    void setsStockWithTheTokenOnly() {
        browser.run("document.querySelector('details').open = true");
        fill("#restock-product", Long.toString(product));
        fill("#restock-pieces", "7");
        fill("#token", "wrong");
        browser.element("#restock button").click();
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(browser.text("#restock-result")).isNotEmpty().doesNotContain("7"));
        // the browser itself notes a 401 on its console
        assertThat(browser.errors()).singleElement().satisfies(error -> assertThat(error)
                .contains("401"));
        fill("#token", TurnstileSystem.ADMIN_TOKEN);
        browser.element("#restock button").click();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(browser.text("#restock-result")).contains("has 7 pieces"));
    }

    @Test
    void thePageToTryTheApiLoadsFromHereAlone() {
        browser.open(system.addresses().apis().get(0) + "/swagger-ui/index.html");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(browser.texts(".opblock-summary-path"))
                .contains("/v1/stocks/locks/fair", "/v1/orders/{orderId}"));
        assertThat(browser.run("return performance.getEntriesByType('resource').map(each => new URL(each.name).host)"
                        + ".filter(host => host !== location.host).join()"))
                .isEqualTo("");
    }

    private void fill(String css, String value) {
        browser.element(css).clear();
        browser.element(css).sendKeys(value);
    }
}
