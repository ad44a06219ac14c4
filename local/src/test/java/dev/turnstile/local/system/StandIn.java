package dev.turnstile.local.system;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Replaces API and worker where only their start and end matter: ready at once, writes its arguments, and what it is
 * asked after, to files of its working folder. Where that has a file {@code taken}, it deletes it and says that its
 * port is.
 */
final class StandIn {

    private StandIn() {}

    public static void main(String[] arguments) throws IOException {
        int port = List.of(arguments).stream()
                .filter(argument -> argument.startsWith("--server.port="))
                .mapToInt(argument -> Integer.parseInt(argument.substring("--server.port=".length())))
                .findFirst()
                .orElseThrow();
        if (Files.deleteIfExists(Path.of("taken"))) {
            System.out.println("Web server failed to start. Port " + port + " was already in use.");
            System.exit(1);
        }
        Files.write(Path.of("arguments"), List.of(arguments));
        Files.writeString(Path.of("properties"), System.getenv("SPRING_APPLICATION_JSON"));
        Files.writeString(Path.of("instance"), System.getenv().getOrDefault("TURNSTILE_API_INSTANCE", ""));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/actuator/health/readiness", exchange -> answer(exchange, 200));
        server.createContext("/v1/stocks/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            boolean allowed =
                    "Bearer local-admin".equals(exchange.getRequestHeaders().getFirst("Authorization"));
            Files.write(
                    Path.of("put-" + Path.of(path).getFileName()),
                    exchange.getRequestBody().readAllBytes());
            answer(exchange, allowed && !path.endsWith("/404") ? 200 : 404);
        });
        server.start();
    }

    private static void answer(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }
}
