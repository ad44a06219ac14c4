package dev.turnstile.api.http;

import dev.turnstile.api.problem.Problem;
import dev.turnstile.api.problem.ProblemType;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Passes requests on once their body has arrived: at once if it came with the head, as small bodies do, else in a
 * second pass, for which no thread waits. Requests without a usable body are answered here.
 */
final class BodyFilter extends OncePerRequestFilter {

    private static final String WILDCARD = "*";
    private static final String IDENTITY = "identity";

    private final HttpProperties properties;
    private final Semaphore shared;

    BodyFilter(HttpProperties properties) {
        this.properties = properties;
        this.shared = new Semaphore((int) properties.bodyMemory().toBytes());
    }

    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (RequestBody.isArriving(request)) {
            proceed(RequestBody.arrived(request), request, response, chain);
        } else if (request.getDispatcherType() == DispatcherType.REQUEST && hasBody(request)) {
            receive(request, response, chain);
        } else if (request.getDispatcherType() == DispatcherType.REQUEST) {
            pass(request, response, chain);
        } else {
            chain.doFilter(request, response);
        }
    }

    private static boolean hasBody(HttpServletRequest request) {
        return request.getContentLengthLong() > 0 || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
    }

    private void receive(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        long announced = request.getContentLengthLong();
        if (announced > RequestBody.MAX_BYTES && request.getHeader(HttpHeaders.EXPECT) != null) {
            ArrivingBody.tooLarge().write(response); // the client asked before it sent anything
            return;
        }
        ArrivingBody body = new ArrivingBody(request.getInputStream(), announced, shared);
        if (announced > 0 && (body.readWhatIsThere(announced) || body.fault().isPresent())) {
            proceed(body, request, response, chain);
            return;
        }
        AsyncContext context = request.startAsync();
        context.setTimeout(0); // ours holds
        RequestBody.await(request, body);
        body.awaitRest(context, properties.bodyTimeout());
    }

    private static void proceed(
            ArrivingBody body, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        try {
            Optional<Problem> fault = body.fault();
            if (fault.isPresent()) {
                fault.get().write(response);
                return;
            }
            RequestBody.put(request, body.bytes());
            pass(request, response, chain);
        } finally {
            body.release();
        }
    }

    /**
     * Rejects headers that the frameworks fail on later: a content type with a wildcard, which they report as an
     * internal error, and an invalid list of media types, which they notice only when the answer to a placed order is
     * written.
     */
    private static void pass(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String contentType = request.getContentType();
        if (contentType != null && contentType.contains(WILDCARD)) {
            Problem.of(ProblemType.BAD_REQUEST, "Content-Type must not have a wildcard.")
                    .write(response);
        } else if (isEncoded(request.getHeaders(HttpHeaders.CONTENT_ENCODING))) {
            Problem.of(
                            ProblemType.UNSUPPORTED_MEDIA_TYPE,
                            "Content-Encoding must be identity or absent: compressed bodies are not accepted.")
                    .withHeader(HttpHeaders.ACCEPT_ENCODING, IDENTITY)
                    .write(response);
        } else if (!canBeRead(request.getHeaders(HttpHeaders.ACCEPT))) {
            Problem.of(ProblemType.NOT_ACCEPTABLE, "Accept must be a list of media types.")
                    .write(response);
        } else {
            chain.doFilter(request, response);
        }
    }

    private static boolean isEncoded(Enumeration<String> codings) {
        return Collections.list(codings).stream()
                .anyMatch(coding -> !coding.strip().equalsIgnoreCase(IDENTITY));
    }

    private static boolean canBeRead(Enumeration<String> accept) {
        try {
            MediaType.parseMediaTypes(Collections.list(accept));
            return true;
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }
}
