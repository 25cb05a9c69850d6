package dev.layercache.server.http;

import dev.layercache.server.http.wire.Request;
import dev.layercache.server.image.Images;
import dev.layercache.server.mirror.Content;
import dev.layercache.server.mirror.Origins.Asked;
import dev.layercache.server.mirror.Origins.Purpose;
import java.io.IOException;

/**
 * Finds the repository that a request means. containerd says in a query parameter of which registry
 * it believes to ask a mirror; podman writes the registry before the name; docker says nothing.
 */
final class Repositories {
  private static final String REGISTRY = "ns";

  private final Content content;
  private final Images images;

  Repositories(Content content, Images images) {
    this.content = content;
    this.images = images;
  }

  /**
   * The same place in the repository that is meant.
   *
   * @throws RegistryException 404 if it is one of a registry that is not mirrored here
   */
  Route locate(Route route, Request request) throws IOException {
    if (!(route instanceof Route.InRepository place)) {
      return route;
    }
    var registry = request.query(REGISTRY).filter(name -> !name.isEmpty());
    var asked = new Asked(place.repository(), registry, purpose(route, request), images::exists);
    var repository =
        content
            .locate(asked)
            .orElseThrow(
                () ->
                    new RegistryException(
                        404,
                        ErrorCode.NAME_UNKNOWN,
                        "registry %s is not mirrored here (expected: a configured upstream)"
                            .formatted(registry.orElse(""))));
    return repository.equals(place.repository()) ? place : place.in(repository);
  }

  private static Purpose purpose(Route route, Request request) {
    boolean reads =
        switch (request.method().name()) {
          case "GET", "HEAD" -> true;
          default -> false;
        };
    return switch (route) {
      case Route.Manifest m when reads -> Purpose.MANIFEST;
      case Route.Blob b when reads -> Purpose.BLOB;
      default -> Purpose.OTHER;
    };
  }
}
