package dev.turnstile.api.http;

import java.util.concurrent.CompletionStage;
import org.springframework.http.ResponseEntity;

/**
 * What a controller returns whose answer comes later, and is short: a thread of the web server writes it as soon as it
 * is there. A future that the framework knows would be brought through all filters and through the framework once more,
 * which costs as much as the request did.
 *
 * @param answer names its content type, and is written as JSON of it. Where it fails, the failure is answered as that
 *     of a controller is
 */
public record LateAnswer(CompletionStage<ResponseEntity<Object>> answer) {}
