package dev.layercache.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A registry that is mirrored.
 *
 * @param host how clients call it: {@code docker.io}, {@code registry.example:5000}
 * @param url where it is
 * @param allowPrivate whether it, and where it redirects to, may be at a loopback or private
 *     address
 * @param login how to log in
 * @param caFile certificates in PEM, trusted beside those of the JDK
 * @param repositories which of its repositories are mirrored, as patterns; empty means all
 * @param tagTimeToLive how long a tag is taken for granted before the registry is asked again
 * @param connections requests of it at once, at least 1
 * @param timeout how long an answer is waited for; a connection no longer than 3 seconds of it
 */
public record UpstreamConfig(
    String host,
    URI url,
    boolean allowPrivate,
    Login login,
    Optional<Path> caFile,
    List<String> repositories,
    Duration tagTimeToLive,
    int connections,
    Duration timeout) {
  /** The registry that is meant where none is named, as docker has it. */
  public static final String DOCKER_HUB = "docker.io";

  private static final String DOCKER_HUB_URL = "https://registry-1.docker.io";
  private static final Duration TAG_TIME_TO_LIVE = Duration.ofMinutes(5);

  /** More than fills of one upstream at once, so that manifests need not wait for blobs. */
  private static final int CONNECTIONS = 48;

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  public UpstreamConfig {
    repositories = List.copyOf(repositories);
  }

  /** A registry at its usual place, reached without a login. */
  public static UpstreamConfig of(String host) {
    return new UpstreamConfig(
        host,
        URI.create(host.equals(DOCKER_HUB) ? DOCKER_HUB_URL : "https://" + host),
        false,
        Login.ANONYMOUS,
        Optional.empty(),
        List.of(),
        TAG_TIME_TO_LIVE,
        CONNECTIONS,
        TIMEOUT);
  }

  /** The same at another place, named by whoever started the server: it may be private. */
  public UpstreamConfig at(URI place) {
    return new UpstreamConfig(
        host, place, true, login, caFile, repositories, tagTimeToLive, connections, timeout);
  }

  /** The same with another login. */
  public UpstreamConfig with(Login other) {
    return new UpstreamConfig(
        host, url, allowPrivate, other, caFile, repositories, tagTimeToLive, connections, timeout);
  }

  /** Where credentials come from. Secrets are read when they are needed, so they can be changed. */
  public sealed interface Login {
    /** No credentials. */
    Login ANONYMOUS = new Anonymous();

    /** No credentials. */
    record Anonymous() implements Login {}

    /** A password in a file, without its last line break. */
    record PasswordFile(String username, Path file) implements Login {}

    /** A password in an environment variable. */
    record PasswordVariable(String username, String variable) implements Login {}

    /** What {@code docker login} wrote, by the upstream's host. */
    record DockerConfig(Path file) implements Login {}
  }
}
