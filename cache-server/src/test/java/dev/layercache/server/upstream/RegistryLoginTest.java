package dev.layercache.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.clients.Program;
import dev.layercache.server.config.UpstreamConfig;
import dev.layercache.server.config.UpstreamConfig.Login;
import dev.layercache.server.mirror.OriginDeniedException;
import dev.layercache.server.mirror.OriginRepository;
import dev.layercache.server.upstream.wire.SelfSigned;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs in at a real docker-registry: with a password of its own, and with a token service. */
@Tag("clients")
class RegistryLoginTest {
  /** bcrypt of {@code secret}. */
  private static final String PASSWORDS =
      "user:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

  @TempDir Path directory;
  private final List<AutoCloseable> parts = new ArrayList<>();
  private Program registry;
  private int port;

  @BeforeEach
  void find() throws IOException {
    registry = Program.require("docker-registry");
    try (var socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
  }

  @AfterEach
  void close() throws Exception {
    for (var part : parts.reversed()) {
      part.close();
    }
  }

  private <T extends AutoCloseable> T own(T part) {
    parts.add(part);
    return part;
  }

  /** Its storage is filled while it asks for no login. */
  private Digest fill(String repository) throws Exception {
    try (var open = serve("")) {
      var pushed = new PlainRegistry(port).pushImage(repository, "v1");
      assertThat(open.process().isAlive()).isTrue();
      return pushed;
    }
  }

  private Program.Daemon serve(String auth) throws IOException {
    Path config =
        Files.writeString(
            directory.resolve("config.yml"),
            """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: %s}}
            http: {addr: "127.0.0.1:%d"}
            %s
            """
                .formatted(directory.resolve("storage"), port, auth));
    var daemon = registry.start(directory.resolve("registry.log"), "serve", config.toString());
    PlainRegistry.awaitReady(port);
    return daemon;
  }

  private void requirePassword() throws IOException {
    Path file = Files.writeString(directory.resolve("htpasswd"), PASSWORDS);
    own(serve("auth: {htpasswd: {realm: test, path: %s}}".formatted(file)));
  }

  private TokenServer requireTokens() throws Exception {
    var certificate = new SelfSigned(directory);
    var tokens = own(new TokenServer(certificate));
    own(
        serve(
            "auth: {token: {realm: \"%s\", service: %s, issuer: %s, rootcertbundle: %s}}"
                .formatted(
                    tokens.realm(), TokenServer.SERVICE, TokenServer.ISSUER, certificate.pem())));
    return tokens;
  }

  private Upstreams upstreams(Login login) throws IOException {
    var config =
        UpstreamConfig.of("upstream.example")
            .at(URI.create("http://127.0.0.1:" + port))
            .with(login);
    return own(Upstreams.of(List.of(config), Clock.systemUTC()));
  }

  private OriginRepository repository(Login login, String name) throws IOException {
    return upstreams(login).of("upstream.example/" + name).orElseThrow();
  }

  private Login password(String password) throws IOException {
    Path file = Files.writeString(directory.resolve("password"), password + "\n");
    return new Login.PasswordFile("user", file);
  }

  private Login dockerConfig(String entry) throws IOException {
    String json = "{\"auths\":{\"upstream.example\":{%s}}}".formatted(entry);
    return new Login.DockerConfig(Files.writeString(directory.resolve("config.json"), json));
  }

  private static void pullAll(OriginRepository repository, Digest image) throws IOException {
    assertThat(repository.head("v1")).contains(image);
    var manifest = repository.manifest("v1").orElseThrow();
    assertThat(manifest.digest()).isEqualTo(image);
    assertThat(manifest.mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
    assertThat(repository.size(PlainRegistry.CONFIG)).hasValue(2);
    try (var stream = repository.open(PlainRegistry.CONFIG, 1).orElseThrow()) {
      assertThat(stream.size()).isEqualTo(2);
      assertThat(stream.offset()).isEqualTo(1);
      var rest = ByteBuffer.allocate(10);
      assertThat(stream.read(rest)).isEqualTo(1);
      assertThat(stream.read(rest)).isEqualTo(-1);
    }
    assertThat(repository.head("none")).isEmpty();
    assertThat(repository.manifest("none")).isEmpty();
    assertThat(repository.open(Digest.of("absent".getBytes(UTF_8)), 0)).isEmpty();
  }

  @Test
  void aPasswordOpensARegistry() throws Exception {
    var image = fill("team/app");
    requirePassword();
    pullAll(repository(password("secret"), "team/app"), image);
    var auth = Base64.getEncoder().encodeToString("user:secret".getBytes(UTF_8));
    pullAll(repository(dockerConfig("\"auth\":\"%s\"".formatted(auth)), "team/app"), image);
  }

  @Test
  void aWrongPasswordIsDenied() throws Exception {
    fill("team/app");
    requirePassword();
    for (var login : List.of(password("wrong"), Login.ANONYMOUS)) {
      var repository = repository(login, "team/app");
      assertThatThrownBy(() -> repository.head("v1"))
          .isInstanceOf(OriginDeniedException.class)
          .hasMessageContaining("does not show team/app");
      assertThatThrownBy(() -> repository.open(PlainRegistry.CONFIG, 0))
          .isInstanceOf(UnavailableException.class);
      assertThat(repository.isAvailable()).isTrue();
    }
  }

  @Test
  void oneTokenIsAskedForARepository() throws Exception {
    var image = fill("team/app");
    fill("team/other");
    var tokens = requireTokens();
    var upstreams = upstreams(password("secret"));
    pullAll(upstreams.of("upstream.example/team/app").orElseThrow(), image);
    pullAll(upstreams.of("upstream.example/team/app").orElseThrow(), image);
    assertThat(tokens.granted()).containsExactly("GET repository:team/app:pull");
    pullAll(upstreams.of("upstream.example/team/other").orElseThrow(), image);
    assertThat(tokens.granted())
        .containsExactly("GET repository:team/app:pull", "GET repository:team/other:pull");
  }

  @Test
  void anIdentityTokenIsExchangedForTokens() throws Exception {
    var image = fill("team/app");
    var tokens = requireTokens();
    String entry = "\"identitytoken\":\"%s\"".formatted(TokenServer.REFRESH_TOKEN);
    pullAll(repository(dockerConfig(entry), "team/app"), image);
    assertThat(tokens.granted()).containsExactly("POST repository:team/app:pull");
  }

  @Test
  void aTokenServiceThatRefusesMeansDenied() throws Exception {
    fill("team/app");
    var tokens = requireTokens();
    for (var login : List.of(password("wrong"), Login.ANONYMOUS)) {
      assertThatThrownBy(() -> repository(login, "team/app").manifest("v1"))
          .isInstanceOf(OriginDeniedException.class);
    }
    assertThat(tokens.granted()).isEmpty();
  }
}
