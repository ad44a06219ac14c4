package dev.turnstile.api.problem;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What a problem's type says when it is opened, and the answer to errors outside of any controller. */
@Hidden
@RestController
class ProblemController implements ErrorController {

    @GetMapping("/problems/{slug}")
    ResponseEntity<Object> describe(@PathVariable String slug) {
        ProblemType type = ProblemType.bySlug(slug)
                .orElseThrow(() -> new ProblemException(ProblemType.NOT_FOUND, "There is no such problem type."));
        Map<String, Object> description = new LinkedHashMap<>();
        description.put("type", type.uri());
        description.put("status", type.status().value());
        description.put("title", type.title());
        description.put("remedy", type.remedy());
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(description);
    }

    @RequestMapping("${spring.web.error.path:/error}")
    ResponseEntity<Object> error(HttpServletRequest request) {
        ProblemType type = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer status
                ? ProblemType.byStatus(status)
                : ProblemType.NOT_FOUND;
        return Problem.of(type, type.remedy()).response();
    }
}
