package dev.layercache.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.server.config.UpstreamConfig;
import dev.layercache.server.mirror.OriginDeniedException;
import dev.layercache.server.mirror.Origins.Asked;
import dev.layercache.server.mirror.Origins.Purpose;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which repository clients mean, and which of a registry's are mirrored. */
class NamesTest {
  private Upstreams upstreams;

  @BeforeEach
  void configure() throws IOException {
    upstreams =
        Upstreams.of(
            List.of(
                UpstreamConfig.of("docker.io"),
                UpstreamConfig.of("ghcr.io"),
                UpstreamConfig.of("localhost:5001")),
            Clock.systemUTC());
  }

  private static UpstreamConfig mirroring(String host, String pattern) {
    var all = UpstreamConfig.of(host);
    return new UpstreamConfig(
        host,
        all.url(),
        all.allowPrivate(),
        all.login(),
        all.caFile(),
        List.of(pattern),
        all.tagTimeToLive(),
        all.connections(),
        all.timeout());
  }

  @AfterEach
  void close() {
    upstreams.close();
  }

  private Optional<String> locate(String name, String registry, Purpose purpose, String... stored)
      throws IOException {
    return upstreams.locate(
        new Asked(
            name,
            Optional.of(registry).filter(r -> !r.isEmpty()),
            purpose,
            Set.of(stored)::contains));
  }

  @ParameterizedTest
  @CsvSource({
    "library/debian, docker.io, docker.io/library/debian",
    "debian, docker.io, docker.io/library/debian",
    "debian, Docker.IO, docker.io/library/debian",
    "team/app, ghcr.io, ghcr.io/team/app",
    "app, ghcr.io, ghcr.io/app",
    "ghcr.io/team/app, ghcr.io, ghcr.io/team/app",
    "app, localhost:5001, localhost__5001/app",
    "docker.io/library/debian, '', docker.io/library/debian",
    "docker.io/debian, '', docker.io/library/debian",
    "ghcr.io/team/app, '', ghcr.io/team/app",
    "localhost__5001/app, '', localhost__5001/app",
    "library/debian, '', docker.io/library/debian",
    "debian, '', docker.io/library/debian",
    "quay.io/team/app, '', docker.io/quay.io/team/app"
  })
  void aManifestIsFoundByRegistryByPrefixOrByDefault(String name, String registry, String found)
      throws IOException {
    assertThat(locate(name, registry, Purpose.MANIFEST)).contains(found);
  }

  @Test
  void aRegistryThatIsNotMirroredIsNobodys() throws IOException {
    assertThat(locate("team/app", "quay.io", Purpose.MANIFEST)).isEmpty();
    assertThat(locate("team/app", "169.254.169.254", Purpose.BLOB)).isEmpty();
  }

  @Test
  void whatIsStoredUnderItsPlainNameIsNotDockerHubs() throws IOException {
    assertThat(locate("team/app", "", Purpose.MANIFEST, "team/app")).contains("team/app");
    assertThat(locate("team/app", "docker.io", Purpose.MANIFEST, "team/app"))
        .contains("docker.io/team/app");
  }

  @Test
  void pushesWithoutARegistryAreNeverDockerHubs() throws IOException {
    assertThat(locate("team/app", "", Purpose.OTHER)).contains("team/app");
    assertThat(locate("team/app", "", Purpose.BLOB)).contains("team/app");
    assertThat(locate("team/app", "", Purpose.BLOB, "docker.io/team/app"))
        .contains("docker.io/team/app");
  }

  @Test
  void onlyRepositoriesOfUpstreamsAreCopies() {
    assertThat(upstreams.isCopy("docker.io/library/debian")).isTrue();
    assertThat(upstreams.isCopy("localhost__5001/a/b")).isTrue();
    assertThat(upstreams.isCopy("docker.io")).isFalse();
    assertThat(upstreams.isCopy("docker.iox/library/debian")).isFalse();
    assertThat(upstreams.isCopy("team/app")).isFalse();
  }

  @Test
  void anUpstreamIsNamedOnce() {
    assertThatThrownBy(
            () ->
                Upstreams.of(
                    List.of(UpstreamConfig.of("ghcr.io"), UpstreamConfig.of("GHCR.io")),
                    Clock.systemUTC()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ghcr.io is named twice");
  }

  @ParameterizedTest
  @CsvSource({
    "library/*, library/debian, true",
    "library/*, library/a/b, false",
    "library/**, library/a/b, true",
    "library/*, other/debian, false",
    "team.x/app, teamyx/app, false",
    "**, anything/at/all, true",
    "*/app, team/app, true"
  })
  void patternsChooseRepositories(String pattern, String repository, boolean allowed) {
    assertThat(new RepositoryPatterns(List.of(pattern)).allow(repository)).isEqualTo(allowed);
  }

  /** Nobody is asked: there is no such host. */
  @Test
  void aRepositoryThatIsNotAllowedIsDenied() throws IOException {
    var config = mirroring("absent.invalid", "team/*");
    try (var chosen = Upstreams.of(List.of(config), Clock.systemUTC())) {
      var refused = chosen.of("absent.invalid/secret/app").orElseThrow();
      assertThatThrownBy(() -> refused.manifest("v1"))
          .isInstanceOf(OriginDeniedException.class)
          .hasMessageContaining("secret/app")
          .hasMessageContaining("team/*");
      assertThat(chosen.statistics().getFirst().requests()).isZero();
    }
  }
}
