package dev.layercache.server.http;

import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import java.util.Optional;

/**
 * Reads paths. From the right, since a repository may have components called {@code blobs} or
 * {@code manifests}. Nothing is decoded: no valid name, tag, digest or upload id has an escape,
 * except that some clients escape the colon of a digest.
 */
final class RoutePath {
  private static final String PREFIX = "/v2/";

  private RoutePath() {}

  /**
   * Reads a path.
   *
   * @return empty when there is no such place
   * @throws RegistryException if there is, but a name, tag or digest in the path is malformed
   */
  static Optional<Route> parse(String raw) throws RegistryException {
    String path = raw.indexOf('%') < 0 ? raw : raw.replace("%3A", ":").replace("%3a", ":");
    switch (path) {
      case "/v2/", "/v2" -> {
        return Optional.of(new Route.Base());
      }
      case "/healthz", "/readyz" -> {
        return Optional.of(new Route.Health());
      }
      case "/v2/_catalog" -> {
        return Optional.of(new Route.Catalog());
      }
      default -> {
        return path.startsWith(PREFIX) ? inRepository(path) : Optional.empty();
      }
    }
  }

  private static Optional<Route> inRepository(String path) throws RegistryException {
    int lastSlash = path.lastIndexOf('/');
    int secondSlash = path.lastIndexOf('/', lastSlash - 1);
    if (secondSlash < PREFIX.length()) {
      return Optional.empty();
    }
    String last = path.substring(lastSlash + 1);
    String kind = path.substring(secondSlash + 1, lastSlash);
    String before = path.substring(PREFIX.length(), secondSlash);
    return switch (kind) {
      case "blobs" ->
          last.equals("uploads")
              ? Optional.of(new Route.Uploads(repository(before)))
              : Optional.of(new Route.Blob(repository(before), digest(last)));
      case "manifests" -> Optional.of(manifest(repository(before), last));
      case "referrers" -> Optional.of(new Route.Referrers(repository(before), digest(last)));
      case "tags" ->
          last.equals("list") ? Optional.of(new Route.Tags(repository(before))) : Optional.empty();
      case "uploads" ->
          before.endsWith("/blobs") ? Optional.of(upload(before, last)) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static Route upload(String before, String id) throws RegistryException {
    String repository = repository(before.substring(0, before.length() - "/blobs".length()));
    return id.isEmpty() ? new Route.Uploads(repository) : new Route.Upload(repository, id);
  }

  private static Route manifest(String repository, String reference) throws RegistryException {
    if (reference.indexOf(':') >= 0) {
      var digest = digest(reference);
      return new Route.Manifest(repository, digest.toString(), Optional.of(digest));
    }
    if (!ImageReference.isTag(reference)) {
      throw new RegistryException(
          400,
          ErrorCode.MANIFEST_INVALID,
          "reference: '%s' (expected: a tag or a digest)".formatted(brief(reference)));
    }
    return new Route.Manifest(repository, reference, Optional.empty());
  }

  /**
   * @throws RegistryException if {@code name} is no repository name
   */
  static String repository(String name) throws RegistryException {
    if (!ImageReference.isRepository(name)) {
      throw new RegistryException(
          400,
          ErrorCode.NAME_INVALID,
          "repository name: '%s' (expected: lower-case letters, digits and . _ - in components separated by /, at most 255 characters)"
              .formatted(brief(name)));
    }
    return name;
  }

  /**
   * @throws RegistryException if {@code text} is no digest of a supported algorithm
   */
  static Digest digest(String text) throws RegistryException {
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw new RegistryException(400, ErrorCode.DIGEST_INVALID, String.valueOf(e.getMessage()));
    }
  }

  private static String brief(String text) {
    return text.length() <= 160 ? text : text.substring(0, 160) + "...";
  }
}
