package dev.turnstile.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Requests to the API that are right, nearly right, or nothing of the kind. All is a function of the seed: the same
 * seed makes the same requests in the same order.
 */
public final class RequestFuzzer {

    private static final List<String> METHODS = List.of(
            "GET",
            "HEAD",
            "POST",
            "PUT",
            "PATCH",
            "DELETE",
            "OPTIONS",
            "TRACE",
            "CONNECT",
            "BREW",
            "patch",
            "M-SEARCH",
            "",
            "P\u0000T",
            "PATCH ",
            "G".repeat(200),
            "\u00e9");

    private static final List<String> PATHS = List.of(
            "/v1/stocks/locks/fair",
            "/v1/stocks/locks/distributed",
            "/v1/noop",
            "/v1/stocks/locks/%66air",
            "/v1/stocks/locks/fair;x=1",
            "/v1//stocks/locks/distributed",
            "/v1/stocks/./locks/fair",
            "/v1;v=1/stocks/%s",
            "/v1/stocks",
            "/v1/stocks/%s",
            "/v1/orders/%s",
            "/v1/orders/%s/events",
            "/problems/%s",
            "/v3/api-docs",
            "/v3/api-docs.yaml",
            "/v3/api-docs/swagger-config",
            "/swagger-ui.html",
            "/swagger-ui/index.html",
            "/swagger-ui/%s",
            "/actuator",
            "/actuator/health",
            "/actuator/health/%s",
            "/actuator/info",
            "/actuator/%s",
            "/error",
            "/%s",
            "/");

    private static final List<String> IDS = List.of(
            "1",
            "2",
            "0",
            "-1",
            "01",
            "1.5",
            "1e3",
            "+1",
            "9007199254740991",
            "9007199254740992",
            "99999999999999999999",
            "NaN",
            "%00",
            "%zz",
            "%",
            "%2e%2e%2f",
            "..",
            ".",
            ";a=b",
            "1;a=b",
            "a b",
            "\u00fc",
            "%F0%9F%98%80",
            "%c0%af",
            "\"><script>",
            "'%20OR%20'1'='1",
            "${jndi:ldap://x/a}",
            "{1}",
            "1-1-1-1-1",
            "zzzzzzzz-0000-0000-0000-000000000000",
            "00000000-0000-0000-0000-000000000000",
            "0198c5a0-7b1e-7000-8000-00000000000",
            "out-of-stock",
            "env",
            "heapdump",
            "liveness",
            "x".repeat(300),
            "x".repeat(7000),
            "x".repeat(9000),
            "",
            "/",
            "//",
            "\\..\\",
            "*");

    private static final List<String> QUERIES = List.of(
            "",
            "",
            "",
            "",
            "?",
            "?a=b",
            "?a=%zz",
            "?%00",
            "?\"<>",
            "?a=" + "b".repeat(3000),
            "?format=openapi",
            "#x",
            "?trace=true&message=always",
            "?" + "a&".repeat(1500));

    private static final List<String> CONTENT_TYPES = List.of(
            "application/json",
            "application/json",
            "application/json",
            "application/json; charset=utf-8",
            "application/json; charset=utf-16",
            "application/json;charset=nowhere",
            "APPLICATION/JSON",
            "application/*",
            "*/*",
            "text/plain",
            "text/json",
            "application/xml",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "application/merge-patch+json",
            "json",
            "/",
            ";",
            "",
            "application/json, text/plain",
            "application/json; a=\"",
            "a/b".repeat(500),
            "\u0001");

    private static final List<String> ODD_HEADERS = List.of(
            "Content-Encoding: gzip",
            "Content-Encoding: identity",
            "Content-Encoding: ",
            "Prefer: respond-async",
            "Prefer: wait=0",
            "Prefer: wait=1",
            "Prefer: wait=-1",
            "Prefer: wait=1.5",
            "Prefer: wait=99999999999999999999",
            "Prefer: wait=",
            "Prefer: wait=\"\"",
            "Prefer: ;;,,=",
            "Prefer: " + "a,".repeat(900),
            "Prefer: wait=1\u0000",
            "Prefer: \u00e9",
            "Idempotency-Key: 1",
            "Idempotency-Key: \"a b\"",
            "Idempotency-Key: ",
            "Idempotency-Key: \"",
            "Idempotency-Key: \"\\\"",
            "Idempotency-Key: " + "k".repeat(300),
            "Idempotency-Key: " + "k".repeat(5000),
            "Idempotency-Key: \u00ff\u00fe",
            "Idempotency-Key: a\r\nIdempotency-Key: b",
            "Idempotency-Key: {\"a\":1}",
            "Idempotency-Key: \u0001",
            "Authorization: Bearer wrong",
            "Authorization: Bearer",
            "Authorization: Bearer ",
            "Authorization: Basic c2VjcmV0",
            "Authorization: " + "B".repeat(6000),
            "Authorization: Bearer \u00e9\u00ff",
            "Authorization: bearer\tsecret",
            "Authorization: Bearer secre",
            "Authorization: Bearer secrett",
            "Authorization:",
            "Accept: text/html",
            "Accept: application/xml",
            "Accept: */*;q=zz",
            "Accept: ",
            "Accept: a",
            "Accept: text/event-stream",
            "Accept: application/problem+xml",
            "Accept: image/*",
            "Accept-Encoding: gzip, br",
            "Accept-Encoding: \u0001",
            "Accept-Language: zz-\u00e9",
            "Accept-Charset: x",
            "Origin: http://evil.example",
            "Origin: null",
            "Origin: \u00e9",
            "Access-Control-Request-Method: PATCH",
            "Access-Control-Request-Method: \u00e9",
            "Range: bytes=0-1",
            "Range: bytes=9-1",
            "Range: bytes=" + "0-1,".repeat(400),
            "If-None-Match: *",
            "If-Match: \"",
            "If-Modified-Since: x",
            "Expect: 100-continue",
            "Expect: 200-ok",
            "Upgrade: h2c\r\nConnection: Upgrade\r\nHTTP2-Settings: AA",
            "Upgrade: websocket\r\nConnection: Upgrade",
            "Connection: close",
            "Connection: keep-alive, x",
            "X-HTTP-Method-Override: PUT",
            "X-Forwarded-For: 1.2.3.4",
            "X-Forwarded-Host: evil.example",
            "X-Forwarded-Proto: \u00e9",
            "X-Forwarded-Prefix: /../..",
            "Forwarded: for=\"",
            "Cookie: a",
            "Cookie: \"\u0001",
            "Cookie: JSESSIONID=" + "0".repeat(500),
            "Host: ",
            "Host: a b",
            "Host: [::",
            "Host: evil.example:99999",
            "Host: x\r\nHost: y",
            "Last-Event-ID: \u00e9",
            "Content-Encoding: gzip",
            "Content-Encoding: br",
            "Trailer: x",
            "TE: trailers",
            "traceparent: 00-zz",
            "traceparent: \u0001",
            "X-Request-Id: " + "x".repeat(4000),
            "No-Colon",
            " Starts-With: space",
            "Bad Name: x",
            "Bad\u0000Name: x",
            ": empty",
            "Folded: a\r\n b",
            "X: " + "y".repeat(9000),
            "Null: a\u0000b",
            "Bare: a\rb",
            "Feed: a\nb");

    private static final List<String> VALUES = List.of(
            "1",
            "0",
            "-1",
            "-5",
            "10000",
            "10001",
            "2147483648",
            "9007199254740991",
            "9007199254740992",
            "1e400",
            "1.0",
            "1.5",
            "-0",
            "1E2",
            "9".repeat(60),
            "\"1\"",
            "\"\"",
            "null",
            "true",
            "[]",
            "{}",
            "[1]",
            "{\"a\":1}",
            "NaN",
            "Infinity",
            "0x1",
            "01",
            "+1",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"\u0000\"",
            "\"" + "x".repeat(500) + "\"",
            "\"<script>\"",
            "");

    private final RandomGenerator random;
    private final List<Long> products;
    private final String token;

    /**
     * What is sent on one connection.
     *
     * @param methods of the requests in it, as far as they are any
     * @param text all of it, a character for each byte
     */
    public record Shot(List<String> methods, String text) {

        private static Shot of(List<String> methods, byte[] bytes) {
            return new Shot(methods, new String(bytes, ISO_8859_1));
        }

        /** All of it. */
        public byte[] bytes() {
            return text.getBytes(ISO_8859_1);
        }

        /** How it looks, shortened. */
        @Override
        public String toString() {
            StringBuilder shown = new StringBuilder();
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (shown.length() > 1500) {
                    return shown + "… (" + text.length() + " bytes)";
                }
                shown.append(
                        c >= ' ' && c < 127 ? String.valueOf(c) : c == '\n' ? "\\n\n" : "\\x" + Integer.toHexString(c));
            }
            return shown.toString();
        }
    }

    /**
     * Begins.
     *
     * @param products that orders are for, among others that don't exist
     * @param token that lets stock be set, or another
     */
    public RequestFuzzer(long seed, List<Long> products, String token) {
        this.random = new SplittableRandom(seed);
        this.products = products;
        this.token = token;
    }

    /** The next to send. */
    public Shot next() {
        int kind = random.nextInt(100);
        if (kind < 3) {
            return Shot.of(List.of("GARBAGE"), garbage());
        }
        if (kind < 10) {
            return pipelined();
        }
        Shot shot = request();
        if (kind < 16) {
            return Shot.of(shot.methods, Arrays.copyOf(shot.bytes(), random.nextInt(shot.text.length() + 1)));
        }
        if (kind < 22) {
            byte[] bytes = shot.bytes();
            for (int i = 0; i < 1 + random.nextInt(4); i++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            return Shot.of(List.of(new String(bytes, ISO_8859_1).split(" ", 2)[0]), bytes);
        }
        return shot;
    }

    private Shot pipelined() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        List<String> methods = new ArrayList<>();
        for (int i = 0; i < 2 + random.nextInt(5); i++) {
            Shot shot = request();
            if (shot.methods.contains("HEAD")) {
                continue; // whose answer has no body, if it is one and not swallowed by what is before it
            }
            methods.addAll(shot.methods);
            all.writeBytes(shot.bytes());
        }
        return Shot.of(List.copyOf(methods), all.toByteArray());
    }

    private byte[] garbage() {
        byte[] bytes = new byte[1 + random.nextInt(random.nextBoolean() ? 64 : 12_000)];
        random.nextBytes(bytes);
        return random.nextInt(3) == 0 ? "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(UTF_8) : bytes;
    }

    private Shot request() {
        boolean order = random.nextInt(3) == 0;
        boolean stock = !order && random.nextInt(6) == 0;
        String method = order && random.nextInt(20) > 0 ? "PATCH" : stock ? "PUT" : any(METHODS);
        String path =
                order && random.nextInt(20) > 0 ? PATHS.get(random.nextInt(3)) : stock ? "/v1/stocks/%s" : any(PATHS);
        String target = path.replace("%s", id(stock)) + any(QUERIES);
        if (random.nextInt(40) == 0) {
            target = any(
                    List.of("*", "http://x" + target, "//" + target, target + " ", "", "x", "/" + "a/".repeat(2000)));
        }
        boolean withBody = order || stock || random.nextInt(3) == 0;
        byte[] body = withBody ? body(stock) : new byte[0];
        StringBuilder head = new StringBuilder(method)
                .append(' ')
                .append(target)
                .append(' ')
                .append(
                        random.nextInt(30) == 0
                                ? any(List.of("HTTP/1.0", "HTTP/9.9", "HTTP/2.0", "", "http/1.1", "HTTP/1.1x"))
                                : "HTTP/1.1")
                .append("\r\n");
        if (random.nextInt(40) > 0) {
            head.append("Host: x\r\n");
        }
        if (withBody && random.nextInt(20) > 0) {
            head.append("Content-Type: ")
                    .append(random.nextInt(5) > 0 ? "application/json" : any(CONTENT_TYPES))
                    .append("\r\n");
        }
        if (stock && random.nextInt(4) > 0) {
            head.append("Authorization: Bearer ").append(token).append("\r\n");
        }
        for (int i = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 0; i > 0; i--) {
            head.append(any(ODD_HEADERS)).append("\r\n");
        }
        if (random.nextInt(60) == 0) {
            head.append("X: y\r\n".repeat(50 + random.nextInt(200)));
        }
        return Shot.of(List.of(method), framed(head, body, withBody));
    }

    private byte[] framed(StringBuilder head, byte[] body, boolean withBody) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int framing = withBody ? random.nextInt(20) : 19;
        if (framing < 4) {
            head.append("Transfer-Encoding: chunked\r\n\r\n");
            out.writeBytes(head.toString().getBytes(ISO_8859_1));
            chunked(out, body);
            return out.toByteArray();
        }
        String length = String.valueOf(body.length);
        head.append(
                switch (framing) {
                    case 4 -> "Content-Length: " + random.nextInt(body.length + 1) + "\r\n";
                    case 5 -> "Content-Length: " + (body.length + 1 + random.nextInt(100_000)) + "\r\n";
                    case 6 ->
                        any(List.of(
                                "Content-Length: -1\r\n",
                                "Content-Length: x\r\n",
                                "Content-Length: 99999999999999999999\r\n",
                                "Content-Length: 9223372036854775807\r\n",
                                "Content-Length: \r\n",
                                "Content-Length: " + length + "\r\nContent-Length: 3\r\n",
                                "Content-Length: " + length + "\r\nTransfer-Encoding: chunked\r\n",
                                "Transfer-Encoding: gzip\r\n",
                                "Transfer-Encoding: chunked, chunked\r\n",
                                "Transfer-Encoding: \r\n",
                                "Transfer-Encoding: identity\r\nContent-Length: " + length + "\r\n",
                                ""));
                    default -> withBody ? "Content-Length: " + length + "\r\n" : "";
                });
        head.append("\r\n");
        out.writeBytes(head.toString().getBytes(ISO_8859_1));
        out.writeBytes(body);
        return out.toByteArray();
    }

    private void chunked(ByteArrayOutputStream out, byte[] body) {
        int at = 0;
        while (at < body.length) {
            int size = Math.min(body.length - at, 1 + random.nextInt(4000));
            String extension = random.nextInt(10) == 0 ? ";a=\"b\"" : "";
            out.writeBytes((Integer.toHexString(size) + extension + "\r\n").getBytes(UTF_8));
            out.write(body, at, size);
            out.writeBytes("\r\n".getBytes(UTF_8));
            at += size;
        }
        out.writeBytes((random.nextInt(8) > 0
                        ? "0\r\n\r\n"
                        : any(List.of(
                                "",
                                "0\r\n",
                                "zz\r\n",
                                "-1\r\n",
                                "ffffffffffffffff\r\n",
                                "0\r\nTrailer: x\r\n\r\n",
                                "0\r\nT: " + "x".repeat(9000) + "\r\n\r\n",
                                "0;" + "e".repeat(9000) + "\r\n\r\n",
                                "5\r\nab\r\n0\r\n\r\n")))
                .getBytes(UTF_8));
    }

    private String id(boolean stock) {
        int kind = random.nextInt(6);
        if (stock && kind < 4) {
            return any(products).toString();
        }
        return switch (kind) {
            case 0 -> new UUID(random.nextLong(), random.nextLong()).toString();
            case 1 -> any(products).toString();
            case 2 -> String.valueOf(random.nextLong());
            default -> any(IDS);
        };
    }

    private byte[] body(boolean stock) {
        int kind = random.nextInt(24);
        String right = stock ? "{\"quantity\":" + number("quantity") + "}" : order();
        return switch (kind) {
            case 0 -> "[".repeat(1 + random.nextInt(60_000)).getBytes(UTF_8);
            case 1 -> ("{\"orders\":".repeat(1 + random.nextInt(500)) + "1").getBytes(UTF_8);
            case 2 -> right.getBytes(UTF_16);
            case 3 -> ("\ufeff" + right).getBytes(UTF_8);
            case 4 -> cut(right).getBytes(UTF_8);
            case 5 -> (right + any(List.of("x", "{}", ",", "\u0000", right))).getBytes(UTF_8);
            case 6 -> broken(right.getBytes(UTF_8));
            case 7 -> padded(right, 65_536 - right.length() + random.nextInt(3) - 1);
            case 8 -> random.nextInt(6) == 0 ? padded(right, 1_000_000) : padded(right, random.nextInt(20_000));
            case 9 -> new byte[0];
            case 10 -> (random.nextBoolean() ? any(VALUES) : "{\"orders\":" + any(VALUES) + "}").getBytes(UTF_8);
            case 11 -> ("{" + "\"x\":1,".repeat(random.nextInt(3000)) + "\"y\":2}").getBytes(UTF_8);
            case 12 -> garbage();
            case 13 ->
                right.replaceFirst(
                                "\\{",
                                "{\"" + any(List.of("__proto__", "@class", "orders", "quantity", "", "a.b")) + "\":"
                                        + any(VALUES) + ",")
                        .getBytes(UTF_8);
            default -> right.getBytes(UTF_8);
        };
    }

    private String order() {
        StringBuilder lines = new StringBuilder("{\"orders\":[");
        int count = random.nextInt(30) == 0
                ? 51 + random.nextInt(500)
                : random.nextInt(12) == 0 ? 0 : 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            lines.append(i == 0 ? "" : ",").append("{\"productId\":").append(number("product"));
            if (random.nextInt(40) > 0) {
                lines.append(",\"quantity\":").append(number("quantity"));
            }
            if (random.nextInt(40) == 0) {
                lines.append(any(List.of(",\"quantity\":1", ",\"price\":0", ",\"productId\":1", ",\"\":1")));
            }
            lines.append('}');
        }
        return lines.append("]}").toString();
    }

    private String number(String of) {
        if (random.nextInt(8) == 0) {
            return any(VALUES);
        }
        return of.equals("product") ? any(products).toString() : Integer.toString(1 + random.nextInt(3));
    }

    private String cut(String text) {
        return text.substring(0, random.nextInt(text.length()));
    }

    private byte[] broken(byte[] bytes) {
        bytes[random.nextInt(bytes.length)] = (byte) (0x80 + random.nextInt(0x80));
        return bytes;
    }

    private static byte[] padded(String text, int by) {
        return (" ".repeat(Math.max(0, by)) + text).getBytes(UTF_8);
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
