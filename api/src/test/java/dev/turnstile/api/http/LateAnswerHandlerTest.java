package dev.turnstile.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.core.MethodParameter;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.mock.web.MockAsyncContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

class LateAnswerHandlerTest {

    private final MockHttpServletRequest request = new MockHttpServletRequest();
    private final MockHttpServletResponse response = new MockHttpServletResponse();
    private final CompletableFuture<ResponseEntity<Object>> answer = new CompletableFuture<>();
    private final List<Exception> failures = new ArrayList<>();

    @BeforeEach
    void aRequestThatWaits() throws Exception {
        request.setAsyncSupported(true);
        HandlerExceptionResolver resolver = (request, response, handler, failure) -> {
            failures.add(failure);
            response.setStatus(500);
            return new ModelAndView();
        };
        StaticListableBeanFactory beans = new StaticListableBeanFactory(Map.of("resolver", resolver));
        MethodParameter returned = new MethodParameter(getClass().getDeclaredMethod("returned"), -1);
        new LateAnswerHandler(new JsonMapper(), beans.getBeanProvider(HandlerExceptionResolver.class))
                .handleReturnValue(
                        returned(), returned, new ModelAndViewContainer(), new ServletWebRequest(request, response));
    }

    private LateAnswer returned() {
        return new LateAnswer(answer);
    }

    @Test
    void anAnswerIsWrittenWithItsStatusAndHeaders() throws IOException {
        assertThat(completed()).isFalse();
        complete(Map.of("ticket", 7));
        assertThat(response.getStatus()).isEqualTo(202);
        assertThat(response.getContentType()).isEqualTo("application/json");
        assertThat(response.getHeader("Location")).isEqualTo("/v1/orders/7");
        assertThat(response.getContentAsString()).isEqualTo("{\"ticket\":7}");
        assertThat(completed()).isTrue();
    }

    @Test
    void aFailureIsAnsweredAsThatOfAController() {
        IllegalStateException failure = new IllegalStateException("the ledger is down");
        answer.completeExceptionally(failure);
        assertThat(failures).containsExactly(failure);
        assertThat(completed()).isTrue();
    }

    /** Once it was an empty 200. */
    @Test
    void aBodyThatCannotBeWrittenIsAFailure() {
        List<Object> endless = new ArrayList<>();
        endless.add(endless);
        complete(endless);
        assertThat(failures).singleElement().isInstanceOf(JacksonException.class);
        assertThat(response.getStatus()).isEqualTo(500);
        assertThat(completed()).isTrue();
    }

    @Test
    void nothingIsWrittenToAClientThatIsGone() throws IOException {
        MockAsyncContext context = context();
        for (AsyncListener listener : context.getListeners()) {
            listener.onError(new AsyncEvent(context, new IOException("connection reset")));
        }
        complete(Map.of("ticket", 7));
        assertThat(response.getContentAsString()).isEmpty();
        assertThat(completed()).isFalse(); // the web server ends it
    }

    private void complete(Object body) {
        answer.complete(ResponseEntity.status(202)
                .contentType(MediaType.APPLICATION_JSON)
                .header("Location", "/v1/orders/7")
                .body(body));
    }

    private MockAsyncContext context() {
        return (MockAsyncContext) Objects.requireNonNull(request.getAsyncContext());
    }

    private boolean completed() {
        return !request.isAsyncStarted();
    }
}
