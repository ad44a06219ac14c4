package dev.turnstile.local.server;

import dev.turnstile.local.process.FreePorts;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.order.OrderTopics;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Servers that admit no client without credentials, over TLS with a certificate of this run: Kafka by SASL/SCRAM, Redis
 * by a user (line) and by a password (nodes of Redlock), MySQL by a user and a password. No user may do more than
 * {@code docs/operations.md} says that an API and a worker must be allowed.
 */
public final class SecuredServers implements AutoCloseable {

    private static final String STORE_PASSWORD = "keys-of-a-test";
    /** Every kind of character that some address, statement or property might take for its own. */
    private static final String SECRET = "s3cret @:/#?%+,;&='\u20ac${x}";

    private static final String USER = "shop";
    private static final String OWNER = "shop-owner";

    private static final String GRANTS = """
            CREATE USER '%1$s' IDENTIFIED BY '%3$s';
            GRANT SELECT, INSERT, UPDATE, DELETE ON %4$s.* TO '%1$s';
            CREATE USER '%2$s' IDENTIFIED BY '%3$s';
            GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX ON %4$s.* TO '%2$s';
            """.formatted(USER, OWNER, SECRET.replace("'", "''"), MySqlServer.SCHEMA);

    private static final String COMMANDS =
            " -@all +@connection +@read +@write +@pubsub +@scripting -@dangerous +info +time";

    private final List<TlsDoor> doors = new ArrayList<>();
    private final Path keyStore;
    private final Path trustStore;
    private final String kafka;
    private final String jdbcUrl;
    private final String lineRedis;
    private final List<String> redlockNodes = new ArrayList<>();

    /**
     * Starts them.
     *
     * @param run ends them with itself
     */
    public SecuredServers(RunFolder run) throws Exception {
        ProjectFiles project = ProjectFiles.locate();
        FreePorts ports = new FreePorts(new SecureRandom());
        Templates templates = new Templates(project, run);
        Binaries binaries = new Binaries(project, run, Platform.current());
        Path folder = run.data("tls");
        this.keyStore = folder.resolve("keys.p12");
        this.trustStore = folder.resolve("trusted.p12");
        makeCertificate(folder);

        int secure = ports.next();
        KafkaServer broker = startKafka(project, run, templates, ports, secure);
        this.kafka = "127.0.0.1:" + secure;
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            for (Role role : Role.values()) {
                admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                                role.user(), new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), SECRET)))
                        .all()
                        .get(30, TimeUnit.SECONDS);
                admin.createAcls(role.acls()).all().get(30, TimeUnit.SECONDS);
            }
        }

        Path grants = Files.writeString(folder.resolve("grants.sql"), GRANTS);
        MySqlServer mySql = MySqlServer.prepare(
                binaries,
                run,
                templates,
                ports.next(),
                null,
                line -> {},
                // MariaDB was configured without.
                "--ssl",
                "--tls-version=TLSv1.2,TLSv1.3",
                "--require-secure-transport=ON",
                "--init-file=" + grants);
        mySql.process().start();
        this.jdbcUrl = "jdbc:mysql://127.0.0.1:" + mySql.port() + "/" + MySqlServer.SCHEMA + "?sslMode=REQUIRED";

        RedisServer line = startRedis(binaries, run, "redis-secured", ports);
        tell(
                line,
                "ACL SETUSER " + USER + " on " + quoted(">" + SECRET)
                        + " resetkeys ~turnstile:* resetchannels &turnstile:*" + COMMANDS,
                "ACL SETUSER default off");
        this.lineRedis = "rediss://" + USER + ":" + encoded(SECRET) + "@127.0.0.1:"
                + door(line).port() + "/3";
        for (int node = 1; node <= 3; node++) {
            RedisServer master = startRedis(binaries, run, "redlock-secured-" + node, ports);
            tell(
                    master,
                    "ACL SETUSER default resetpass " + quoted(">" + SECRET)
                            + " resetkeys ~turnstile:lock* resetchannels" + COMMANDS);
            redlockNodes.add("rediss://:" + encoded(SECRET) + "@127.0.0.1:"
                    + door(master).port());
        }
    }

    /** Whose rights a process has at the broker. */
    public enum Role {
        /** Accepts orders and reads their outcomes. */
        API,
        /** Decides them. */
        WORKER;

        private String user() {
            return USER + "-" + name().toLowerCase(Locale.ROOT);
        }

        private List<AclBinding> acls() {
            List<AclBinding> acls = new ArrayList<>();
            allow(acls, AclOperation.DESCRIBE, ResourceType.TOPIC, "orders.", PatternType.PREFIXED);
            allow(acls, AclOperation.CREATE, ResourceType.TOPIC, "orders.", PatternType.PREFIXED);
            switch (this) {
                case API -> {
                    allow(acls, AclOperation.WRITE, ResourceType.TOPIC, OrderTopics.FAIR, PatternType.LITERAL);
                    allow(acls, AclOperation.WRITE, ResourceType.TOPIC, OrderTopics.DISTRIBUTED, PatternType.LITERAL);
                    allow(acls, AclOperation.READ, ResourceType.TOPIC, OrderTopics.REPLIES, PatternType.LITERAL);
                    allow(acls, AclOperation.READ, ResourceType.TOPIC, OrderTopics.INSTALLATION, PatternType.LITERAL);
                    allow(acls, AclOperation.WRITE, ResourceType.TOPIC, OrderTopics.INSTALLATION, PatternType.LITERAL);
                }
                case WORKER -> {
                    allow(acls, AclOperation.DESCRIBE_CONFIGS, ResourceType.TOPIC, "orders.", PatternType.PREFIXED);
                    allow(acls, AclOperation.READ, ResourceType.TOPIC, "orders.", PatternType.PREFIXED);
                    allow(acls, AclOperation.WRITE, ResourceType.TOPIC, "orders.", PatternType.PREFIXED);
                    allow(acls, AclOperation.READ, ResourceType.GROUP, "turnstile.", PatternType.PREFIXED);
                }
            }
            return acls;
        }

        private void allow(
                List<AclBinding> acls, AclOperation operation, ResourceType type, String name, PatternType pattern) {
            acls.add(new AclBinding(
                    new ResourcePattern(type, name, pattern),
                    new AccessControlEntry("User:" + user(), "*", operation, AclPermissionType.ALLOW)));
        }
    }

    private static String quoted(String text) {
        return '"' + text + '"';
    }

    private static String encoded(String password) {
        return URLEncoder.encode(password, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The settings of their clients without passwords, which are in {@link #environment(Role)}. */
    public List<String> arguments() {
        return List.of(
                "--spring.kafka.bootstrap-servers=" + kafka,
                "--spring.kafka.security.protocol=SASL_SSL",
                "--spring.kafka.ssl.trust-store-location=file:" + trustStore,
                "--spring.kafka.ssl.trust-store-type=PKCS12",
                "--spring.kafka.properties.sasl.mechanism=SCRAM-SHA-512",
                "--spring.datasource.url=" + jdbcUrl,
                "--spring.datasource.username=" + USER,
                "--spring.flyway.user=" + OWNER);
    }

    /** Texts that must be in no argument, log or message. */
    public static String secret() {
        return SECRET.substring(0, SECRET.indexOf(' '));
    }

    /** Makes a JVM trust the certificate, for Redis. */
    public List<String> trust() {
        return List.of(
                "-Djavax.net.ssl.trustStore=" + trustStore, "-Djavax.net.ssl.trustStorePassword=" + STORE_PASSWORD);
    }

    /** The environment's settings, in a form that does not depend on the locale. */
    public Map<String, String> environment(Role role) {
        String property = SECRET.replace("${", "\\${");
        Map<String, String> properties = Map.of(
                "spring.datasource.password", property,
                "spring.flyway.password", property,
                "spring.kafka.ssl.trust-store-password", STORE_PASSWORD,
                "spring.kafka.properties.sasl.jaas.config",
                        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + role.user()
                                + "\" password=\"" + property + "\";",
                "turnstile.line.redis", lineRedis,
                "turnstile.redlock.nodes", String.join(",", redlockNodes));
        JsonMapper ascii =
                JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
        return Map.of("SPRING_APPLICATION_JSON", ascii.writeValueAsString(properties));
    }

    private KafkaServer startKafka(
            ProjectFiles project, RunFolder run, Templates templates, FreePorts ports, int secure) {
        int port = ports.next();
        int controllerPort = ports.next();
        String more = """
                listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d,SECURE://127.0.0.1:%3$d
                advertised.listeners=PLAINTEXT://127.0.0.1:%1$d,SECURE://127.0.0.1:%3$d
                listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL
                sasl.enabled.mechanisms=SCRAM-SHA-512
                authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
                super.users=User:ANONYMOUS
                listener.name.secure.scram-sha-512.sasl.jaas.config=\
                org.apache.kafka.common.security.scram.ScramLoginModule required;
                ssl.keystore.location=%4$s
                ssl.keystore.password=%5$s
                ssl.keystore.type=PKCS12
                """.formatted(port, controllerPort, secure, keyStore, STORE_PASSWORD);
        KafkaServer server =
                KafkaServer.prepare(project, run, templates, port, controllerPort, KafkaListeners.NONE, more);
        server.process().start();
        return server;
    }

    private static RedisServer startRedis(Binaries binaries, RunFolder run, String name, FreePorts ports) {
        RedisServer server =
                RedisServer.prepare(binaries.redisServer(), run, name, ports.next(), RedisServer.Memory.NONE);
        server.process().start();
        return server;
    }

    private TlsDoor door(RedisServer server) throws Exception {
        TlsDoor door = new TlsDoor(keyStore, STORE_PASSWORD, server.port());
        doors.add(door);
        return door;
    }

    /** In the plain form of the protocol, on one connection. */
    private static void tell(RedisServer server, String... commands) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            for (String command : commands) {
                socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
                InputStream in = socket.getInputStream();
                byte[] answer = in.readNBytes("+OK\r\n".length());
                if (answer[0] != '+') {
                    throw new IOException(command + ": " + new String(answer, StandardCharsets.US_ASCII));
                }
            }
        }
    }

    private void makeCertificate(Path folder) throws Exception {
        Path certificate = folder.resolve("certificate.pem");
        keytool(
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=ip:127.0.0.1,dns:localhost",
                "-keystore",
                keyStore.toString());
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "server",
                "-keystore",
                keyStore.toString(),
                "-file",
                certificate.toString());
        keytool(
                "-importcert",
                "-noprompt",
                "-alias",
                "server",
                "-keystore",
                trustStore.toString(),
                "-file",
                certificate.toString());
    }

    private static void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", STORE_PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command.stream().limit(2).collect(Collectors.joining(" ")) + ": " + output);
        }
    }

    @Override
    public void close() throws IOException {
        for (TlsDoor door : doors) {
            door.close();
        }
    }
}
