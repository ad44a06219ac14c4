package dev.turnstile.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One connection to a web server of this machine, on which anything can be sent, at any speed. */
public final class RawHttp implements AutoCloseable {

    private final Socket socket;
    private final InputStream in;

    /**
     * An answer.
     *
     * @param headers by their names in lower case
     */
    public record Answer(int status, Map<String, String> headers, String body) {

        /** The value of a header, empty if there is none. */
        public String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        }
    }

    /**
     * Connects.
     *
     * @param patience the longest time to wait for a byte of an answer
     */
    public RawHttp(int port, Duration patience) throws IOException {
        this(port, patience, 0);
    }

    /**
     * Connects as one who reads little.
     *
     * @param unread what fits into the socket unread, in bytes; 0 leaves it to the machine
     */
    public RawHttp(int port, Duration patience, int unread) throws IOException {
        socket = new Socket();
        if (unread > 0) {
            socket.setReceiveBufferSize(unread);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) patience.toMillis());
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** Sends bytes, and returns whether the server still takes them. */
    public boolean send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            return true;
        } catch (IOException e) {
            return false; // it has answered and closed, which is its right
        }
    }

    /** Sends text as UTF-8. */
    public RawHttp send(String text) {
        send(text.getBytes(UTF_8));
        return this;
    }

    /** Signals the server that nothing more will come. */
    public void finish() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            assert socket.isConnected() : "it was closed from the other side";
        }
    }

    /**
     * Reads an answer, passing over those that are only preliminary.
     *
     * @param head whether it answers a HEAD, so that no body follows
     * @return empty if the server closed the connection instead
     * @throws java.net.SocketTimeoutException if it does neither
     */
    public Optional<Answer> read(boolean head) throws IOException {
        while (true) {
            List<String> lines = new ArrayList<>();
            try {
                for (String line = line(); !line.isEmpty() || lines.isEmpty(); line = line()) {
                    lines.add(line);
                }
            } catch (EOFException | SocketException e) {
                return Optional.empty();
            }
            int status = Integer.parseInt(lines.get(0).split(" ", 3)[1]);
            if (status >= 200) {
                Map<String, String> headers = new TreeMap<>();
                for (String line : lines.subList(1, lines.size())) {
                    int colon = line.indexOf(':');
                    headers.put(
                            line.substring(0, colon).toLowerCase(Locale.ROOT),
                            line.substring(colon + 1).strip());
                }
                boolean empty = head || status == 204 || status == 304;
                return Optional.of(new Answer(status, headers, empty ? "" : new String(body(headers), UTF_8)));
            }
        }
    }

    /** Reads an answer that has a body and must be there. */
    public Answer read() throws IOException {
        return read(false).orElseThrow(() -> new EOFException("closed without an answer"));
    }

    private byte[] body(Map<String, String> headers) throws IOException {
        String length = headers.get("content-length");
        if (length != null) {
            return in.readNBytes(Integer.parseInt(length));
        }
        if (!headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
            return in.readAllBytes();
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = chunkSize(); size > 0; size = chunkSize()) {
            body.write(in.readNBytes(size));
            line();
        }
        line();
        return body.toByteArray();
    }

    private int chunkSize() throws IOException {
        return Integer.parseInt(line(), 16);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("closed");
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
