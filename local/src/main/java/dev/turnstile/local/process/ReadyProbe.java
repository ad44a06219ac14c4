package dev.turnstile.local.process;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Returns whether a process is ready. Answers within about two seconds. */
@FunctionalInterface
public interface ReadyProbe {

    /** How long one attempt may take, milliseconds. */
    int PATIENCE_MS = 2_000;

    /**
     * Whether the process is ready.
     *
     * @throws IOException if it can't be reached, which means not yet
     */
    boolean isReady(ChildProcess process) throws IOException;

    /** Ready when its log of this start contains a text. */
    static ReadyProbe logSays(String text) {
        return process -> process.log().contains(text);
    }

    /** Ready when {@code GET} answers 200. */
    static ReadyProbe httpOk(URI uri) {
        return process -> {
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
            connection.setConnectTimeout(PATIENCE_MS);
            connection.setReadTimeout(PATIENCE_MS);
            try {
                return connection.getResponseCode() == 200;
            } finally {
                connection.disconnect();
            }
        };
    }

    /** Ready when Redis answers {@code PING}; while it loads its data it answers something else. */
    static ReadyProbe redisPing(int port) {
        return process -> {
            try (Socket socket = connect(port)) {
                socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
                byte[] answer = socket.getInputStream().readNBytes(5);
                return Arrays.equals(answer, "+PONG".getBytes(StandardCharsets.US_ASCII));
            }
        };
    }

    /** Ready when MySQL or MariaDB greets with its protocol version, 10; an error would start with 255. */
    static ReadyProbe mySqlGreeting(int port) {
        return process -> {
            try (Socket socket = connect(port)) {
                InputStream in = socket.getInputStream();
                byte[] headerAndVersion = in.readNBytes(5);
                return headerAndVersion.length == 5 && headerAndVersion[4] == 10;
            }
        };
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setSoTimeout(PATIENCE_MS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MS);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
