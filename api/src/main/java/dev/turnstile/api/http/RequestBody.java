package dev.turnstile.api.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;

/** The body of a request, which {@link BodyFilter} has read before any controller is called. */
public final class RequestBody {

    /** The longest body that is read, in bytes. */
    public static final int MAX_BYTES = 64 * 1024;

    /** The bytes, or an {@link ArrivingBody} until they are there. */
    private static final String ATTRIBUTE = RequestBody.class.getName();

    /** Set to true where all of the body came with the head. */
    static final String CAME_WITH_HEAD = RequestBody.class.getName() + ".cameWithHead";

    private static final byte[] NONE = {};

    private RequestBody() {}

    /** Takes the bytes, so that a request that waits does not keep them; empty if there is no body, or it is taken. */
    public static byte[] take(HttpServletRequest request) {
        byte[] bytes = request.getAttribute(ATTRIBUTE) instanceof byte[] there ? there : NONE;
        request.removeAttribute(ATTRIBUTE);
        return bytes;
    }

    /**
     * Whether this pass of the request ended because its body has not arrived; another one follows, or the client is
     * gone.
     */
    public static boolean isArriving(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof ArrivingBody;
    }

    /**
     * Drops the body of a request that no controller handles, if that needs no waiting. Else the connection would be
     * closed after the answer.
     *
     * @return whether it is dropped
     */
    public static boolean drop(HttpServletRequest request) throws IOException {
        if (request.getAttribute(CAME_WITH_HEAD) == null) {
            return false;
        }
        request.getInputStream().skipNBytes(request.getContentLengthLong());
        return true;
    }

    static void put(HttpServletRequest request, byte[] bytes) {
        request.setAttribute(ATTRIBUTE, bytes);
    }

    static void await(HttpServletRequest request, ArrivingBody body) {
        request.setAttribute(ATTRIBUTE, body);
    }

    /** The body that this pass was started for. */
    static ArrivingBody arrived(HttpServletRequest request) {
        ArrivingBody body = (ArrivingBody) request.getAttribute(ATTRIBUTE);
        request.removeAttribute(ATTRIBUTE);
        return body;
    }
}
