package dev.layercache.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.server.config.UpstreamConfig;
import dev.layercache.server.config.UpstreamConfig.Login;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where credentials come from; that registries accept them is shown by RegistryLoginTest. */
class CredentialsTest {
  private static final String HOST = "registry.example";

  @TempDir private Path directory;

  private Optional<Credentials> fromDocker(String host, String auths) throws IOException {
    Path file = directory.resolve("config.json");
    Files.writeString(file, "{\"auths\":{%s}}".formatted(auths));
    return Credentials.read(host, new Login.DockerConfig(file));
  }

  private static String entry(String host, String login) {
    var encoded = Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
    return "\"%s\":{\"auth\":\"%s\"}".formatted(host, encoded);
  }

  @Test
  void aPasswordComesFromTheEnvironment() throws IOException {
    var login = new Login.PasswordVariable("user", "PATH");
    assertThat(Credentials.read(HOST, login))
        .contains(new Credentials("user", System.getenv("PATH"), false));
  }

  @Test
  void aVariableThatIsNotSetIsNamed() {
    var login = new Login.PasswordVariable("user", "LAYERCACHE_NO_SUCH_VARIABLE");
    assertThatThrownBy(() -> Credentials.read(HOST, login))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("LAYERCACHE_NO_SUCH_VARIABLE");
  }

  @Test
  void aPasswordIsReadFromItsFileEachTime() throws IOException {
    Path file = Files.writeString(directory.resolve("password"), "one\n");
    var login = new Login.PasswordFile("user", file);
    assertThat(Credentials.read(HOST, login)).contains(new Credentials("user", "one", false));
    Files.writeString(file, "two");
    assertThat(Credentials.read(HOST, login)).contains(new Credentials("user", "two", false));
  }

  @Test
  void dockersFileHasThoseOfDockerHubUnderItsOldUrl() throws IOException {
    String auths = entry("https://index.docker.io/v1/", "hub:a:b") + "," + entry(HOST, "me:secret");
    assertThat(fromDocker(UpstreamConfig.DOCKER_HUB, auths))
        .contains(new Credentials("hub", "a:b", false));
    assertThat(fromDocker(HOST, auths)).contains(new Credentials("me", "secret", false));
    assertThat(fromDocker("other.example", auths)).isEmpty();
  }

  @Test
  void anEntryThatCannotBeUsedIsNamed() {
    assertThatThrownBy(() -> fromDocker(HOST, entry(HOST, "no colon")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(HOST);
  }

  @Test
  void secretsAreNotPrinted() {
    assertThat(new Credentials("user", "secret", false).toString()).doesNotContain("secret");
  }
}
