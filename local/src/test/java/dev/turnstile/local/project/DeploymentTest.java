package dev.turnstile.local.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/**
 * Holds the manifests of Kubernetes to its API, and the settings in them and in the compose files to our properties.
 */
class DeploymentTest {

    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of(
            "v1/Namespace", Namespace.class,
            "v1/Service", Service.class,
            "apps/v1/Deployment", Deployment.class,
            "apps/v1/StatefulSet", StatefulSet.class,
            "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class,
            "policy/v1/PodDisruptionBudget", PodDisruptionBudget.class);

    /** The classes of the manifests keep a field that they do not know, unless they are not asked to. */
    private static final ObjectMapper STRICT = new ObjectMapper()
            .setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return false;
                }
            });

    private final Path root = ProjectFiles.locate().root();

    @Test
    void everyManifestHasOnlyFieldsThatKubernetesKnows() throws JsonProcessingException {
        assertThat(manifests()).hasSizeGreaterThan(5);
    }

    @Test
    void aFieldThatKubernetesDoesNotKnowIsFound() {
        JsonNode manifest = documents("""
                apiVersion: apps/v1
                kind: Deployment
                spec:
                  template:
                    spec:
                      containers:
                        - name: worker
                          readinesProbe: {}
                """).get(0);

        assertThatThrownBy(() -> manifest(manifest))
                .isInstanceOf(UnrecognizedPropertyException.class)
                .hasMessageContaining("readinesProbe");
    }

    @Test
    void everyProbeAsksAPortThatItsContainerHas() throws JsonProcessingException {
        List<Container> containers = containers();
        assertThat(containers).hasSize(2);
        for (Container container : containers) {
            for (Probe probe :
                    List.of(container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe())) {
                assertThat(container.getPorts()).as(container.getName()).anyMatch(port -> port.getName()
                        .equals(probe.getHttpGet().getPort().getStrVal()));
            }
        }
    }

    @Test
    void everyVariableThatIsSetIsAProperty() throws IOException {
        TreeSet<String> known = new TreeSet<>();
        PropertyMetadata.read(root)
                .forEach(property -> known.add(variable(property.path("name").asString())));
        TreeSet<String> set = new TreeSet<>();
        containers()
                .forEach(container ->
                        container.getEnv().stream().map(EnvVar::getName).forEach(set::add));
        Files.readAllLines(root.resolve("deploy/kubernetes/base/turnstile.env")).stream()
                .map(line -> line.replaceFirst("=.*", ""))
                .forEach(set::add);
        for (Path compose : files(root, 1, "docker-compose.*\\.yml")) {
            set.addAll(variables(compose));
        }
        set.removeIf(name -> !name.startsWith("TURNSTILE_"));

        assertThat(set).contains("TURNSTILE_API_INSTANCE", "TURNSTILE_REDLOCK_NODES");
        assertThat(known).containsAll(set);
    }

    /** As the environment names it. */
    private static String variable(String property) {
        return property.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
    }

    private static List<String> variables(Path compose) {
        List<String> names = new ArrayList<>();
        for (JsonNode service : documents(read(compose)).get(0).path("services")) {
            service.path("environment").fieldNames().forEachRemaining(names::add);
        }
        return names;
    }

    private List<Container> containers() throws JsonProcessingException {
        List<Container> containers = new ArrayList<>();
        for (HasMetadata manifest : manifests()) {
            if (manifest instanceof Deployment deployment) {
                containers.addAll(deployment.getSpec().getTemplate().getSpec().getContainers());
            } else if (manifest instanceof StatefulSet set) {
                containers.addAll(set.getSpec().getTemplate().getSpec().getContainers());
            }
        }
        return containers;
    }

    private List<HasMetadata> manifests() throws JsonProcessingException {
        List<HasMetadata> manifests = new ArrayList<>();
        for (Path file : files(root.resolve("deploy/kubernetes"), Integer.MAX_VALUE, ".+\\.yaml")) {
            for (JsonNode manifest : documents(read(file))) {
                String version = manifest.path("apiVersion").asText();
                // What these two take is not Kubernetes' own.
                if (!version.startsWith("kustomize.config.k8s.io/") && !version.startsWith("keda.sh/")) {
                    manifests.add(manifest(manifest));
                }
            }
        }
        return manifests;
    }

    /**
     * Reads a manifest as the class of its kind.
     *
     * @throws JsonProcessingException if it has a field that the kind does not have
     */
    private static HasMetadata manifest(JsonNode manifest) throws JsonProcessingException {
        String kind = manifest.path("apiVersion").asText() + "/"
                + manifest.path("kind").asText();
        assertThat(KINDS).containsKey(kind);
        return STRICT.treeToValue(manifest, KINDS.get(kind));
    }

    private static List<JsonNode> documents(String yaml) {
        List<JsonNode> documents = new ArrayList<>();
        new Yaml().loadAll(yaml).forEach(document -> documents.add(STRICT.valueToTree(document)));
        return documents;
    }

    private static List<Path> files(Path folder, int depth, String name) {
        try (Stream<Path> files = Files.walk(folder, depth)) {
            return files.filter(file -> file.getFileName().toString().matches(name))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
