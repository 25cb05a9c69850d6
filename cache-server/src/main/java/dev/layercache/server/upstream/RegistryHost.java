package dev.layercache.server.upstream;

import dev.layercache.oci.ImageReference;
import dev.layercache.server.config.UpstreamConfig;
import java.util.Locale;
import java.util.Optional;

/**
 * What clients call a registry, and the prefix that its repositories have here. A port cannot stand
 * in a repository name, so {@code registry.example:5000} becomes {@code registry.example__5000}.
 *
 * @param name lower-case host, with a port where it has one
 */
record RegistryHost(String name) {
  /** The namespace of Docker Hub's official images, which nobody writes. */
  private static final String OFFICIAL = "library/";

  RegistryHost {
    name = name.toLowerCase(Locale.ROOT);
    if (name.indexOf('/') >= 0 || !ImageReference.isRepository(prefix(name))) {
      throw new IllegalArgumentException(
          "'%s' is not a registry (expected: HOST or HOST:PORT)".formatted(name));
    }
  }

  /** First component of its repositories' names here. */
  String prefix() {
    return prefix(name);
  }

  private static String prefix(String name) {
    return name.replace(":", "__");
  }

  boolean isDockerHub() {
    return name.equals(UpstreamConfig.DOCKER_HUB);
  }

  /** The repository here for one of the registry's. */
  String local(String repository) {
    boolean official = isDockerHub() && repository.indexOf('/') < 0;
    return prefix() + '/' + (official ? OFFICIAL : "") + repository;
  }

  /** The registry's repository for one here; empty when that is not one of its. */
  Optional<String> remote(String local) {
    String start = prefix() + '/';
    return local.startsWith(start)
        ? Optional.of(local.substring(start.length()))
        : Optional.empty();
  }
}
