package dev.turnstile.api.http;

import dev.turnstile.batch.AsyncFailures;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.MethodParameter;
import org.springframework.http.ResponseEntity;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.AsyncHandlerMethodReturnValueHandler;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.HandlerExceptionResolver;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Writes {@linkplain LateAnswer late answers}. */
final class LateAnswerHandler implements AsyncHandlerMethodReturnValueHandler {

    private static final Logger log = LoggerFactory.getLogger(LateAnswerHandler.class);

    private final JsonMapper json;
    private final ObjectProvider<HandlerExceptionResolver> failures;

    /**
     * Makes a writer.
     *
     * @param failures what answers the failures of controllers; asked for when the first one fails
     */
    LateAnswerHandler(JsonMapper json, ObjectProvider<HandlerExceptionResolver> failures) {
        this.json = json;
        this.failures = failures;
    }

    @Override
    public boolean isAsyncReturnValue(@Nullable Object returnValue, MethodParameter returnType) {
        return returnValue instanceof LateAnswer;
    }

    @Override
    public boolean supportsReturnType(MethodParameter returnType) {
        return LateAnswer.class.equals(returnType.getParameterType());
    }

    @Override
    public void handleReturnValue(
            @Nullable Object returnValue,
            MethodParameter returnType,
            ModelAndViewContainer mavContainer,
            NativeWebRequest webRequest) {
        LateAnswer late = Objects.requireNonNull((LateAnswer) returnValue);
        HttpServletRequest request = Objects.requireNonNull(webRequest.getNativeRequest(HttpServletRequest.class));
        HttpServletResponse response = Objects.requireNonNull(webRequest.getNativeResponse(HttpServletResponse.class));
        mavContainer.setRequestHandled(true);
        AsyncContext context = request.startAsync(request, response);
        context.setTimeout(0); // the sender of the answer keeps the time
        OpenRequest open = new OpenRequest(context);
        context.addListener(open);
        late.answer()
                .whenComplete((answer, failure) -> open.end(() -> {
                    if (failure == null) {
                        write(request, response, answer);
                    } else {
                        fail(request, response, failure);
                    }
                }));
    }

    private void write(HttpServletRequest request, HttpServletResponse response, ResponseEntity<Object> answer)
            throws IOException {
        byte[] body;
        try {
            body = json.writeValueAsBytes(answer.getBody());
        } catch (JacksonException e) {
            fail(request, response, e);
            return;
        }
        response.setStatus(answer.getStatusCode().value());
        answer.getHeaders().forEach((name, values) -> values.forEach(value -> response.addHeader(name, value)));
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    private void fail(HttpServletRequest request, HttpServletResponse response, Throwable failure) {
        Throwable cause = AsyncFailures.cause(failure);
        Exception exception = cause instanceof Exception e ? e : new IllegalStateException(cause);
        failures.getObject().resolveException(request, response, null, exception);
    }

    /** What writes an answer. */
    @FunctionalInterface
    private interface Writing {
        void write() throws IOException;
    }

    /**
     * A request that waits for its answer. The web server may end it at any time, when its client is gone, and uses
     * request and response for others from then on; so they are used under a lock, and only before that.
     */
    private static final class OpenRequest implements AsyncListener {

        private final AsyncContext context;
        private boolean over;

        OpenRequest(AsyncContext context) {
            this.context = context;
        }

        /**
         * Hands the answer to a thread of the web server, as its sender must not wait: neither for the client nor for a
         * lock of the web server, which may be held by a thread that waits for the caller.
         */
        synchronized void end(Writing answer) {
            if (!over) {
                context.start(() -> write(answer));
            }
        }

        private synchronized void write(Writing answer) {
            if (over) {
                return;
            }
            over = true;
            try {
                answer.write();
            } catch (IOException | RuntimeException e) {
                log.debug("an answer could not be written: {}", e.toString());
            }
            context.complete();
        }

        private synchronized void end() {
            over = true;
        }

        @Override
        public void onComplete(AsyncEvent event) {
            end();
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            end();
        }

        @Override
        public void onError(AsyncEvent event) {
            end();
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            // not reached
        }
    }
}
