package dev.layercache.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.layercache.server.config.UpstreamConfig;
import dev.layercache.server.config.UpstreamConfig.Login;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * What a registry, or its token service, is told about us.
 *
 * @param username empty with an identity token
 * @param secret a password, or an identity token
 * @param identityToken whether the secret is a token that is exchanged for others (OAuth2's refresh
 *     token)
 */
record Credentials(String username, String secret, boolean identityToken) {
  private static final int MAX_FILE = 1 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads them from where the configuration says.
   *
   * @param host how clients call the registry
   * @throws IOException if a file cannot be read or a variable is not set
   */
  static Optional<Credentials> read(String host, Login login) throws IOException {
    return switch (login) {
      case Login.Anonymous none -> Optional.empty();
      case Login.PasswordFile at -> {
        String password = text(at.file()).stripTrailing();
        yield Optional.of(new Credentials(at.username(), password, false));
      }
      case Login.PasswordVariable at -> {
        String password = System.getenv(at.variable());
        if (password == null) {
          throw new IOException("environment variable %s is not set".formatted(at.variable()));
        }
        yield Optional.of(new Credentials(at.username(), password, false));
      }
      case Login.DockerConfig at -> dockerConfig(host, at.file());
    };
  }

  /** The value of an {@code Authorization} header of the basic scheme (RFC 7617). */
  String basic() {
    return "Basic " + Base64.getEncoder().encodeToString((username + ':' + secret).getBytes(UTF_8));
  }

  private static String text(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(MAX_FILE + 1);
      if (content.length > MAX_FILE) {
        throw new IOException(
            "%s has more than %d bytes (expected: credentials)".formatted(file, MAX_FILE));
      }
      return new String(content, UTF_8);
    }
  }

  private static Optional<Credentials> dockerConfig(String host, Path file) throws IOException {
    var auths = JSON.readTree(text(file)).path("auths");
    for (String key : names(host)) {
      var entry = auths.path(key);
      if (entry.isObject() && !entry.isEmpty()) {
        return Optional.of(fromDocker(entry, key, file));
      }
    }
    return Optional.empty();
  }

  /** Docker keeps Docker Hub's under a URL of its first version. */
  private static List<String> names(String host) {
    return host.equals(UpstreamConfig.DOCKER_HUB)
        ? List.of("https://index.docker.io/v1/", "index.docker.io", "docker.io")
        : List.of(host, "https://" + host, "http://" + host);
  }

  private static Credentials fromDocker(JsonNode entry, String key, Path file) throws IOException {
    String token = entry.path("identitytoken").asText();
    if (!token.isEmpty()) {
      return new Credentials("", token, true);
    }
    String auth;
    try {
      auth = new String(Base64.getDecoder().decode(entry.path("auth").asText()), UTF_8);
    } catch (IllegalArgumentException e) {
      auth = "";
    }
    int colon = auth.indexOf(':');
    if (colon <= 0) {
      throw new IOException(
          "%s has no usable entry for %s (expected: auth or identitytoken)".formatted(file, key));
    }
    return new Credentials(auth.substring(0, colon), auth.substring(colon + 1), false);
  }

  /** Keeps the secret out of logs. */
  @Override
  public String toString() {
    return "Credentials[" + username + "]";
  }
}
