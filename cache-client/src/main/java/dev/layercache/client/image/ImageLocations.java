package dev.layercache.client.image;

import dev.layercache.oci.ImageReference;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Images as people name them on a command line, {@code TRANSPORT:PATH[:NAME]}. The path ends at the
 * first colon, as in skopeo, so it cannot contain one. Stateless and thread-safe.
 */
public final class ImageLocations {
  private static final String KNOWN =
      "oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME:TAG]";

  private ImageLocations() {}

  /**
   * Opens an image for reading.
   *
   * @return to be closed by the caller
   * @throws IllegalArgumentException if {@code location} is not of a known form; the message lists
   *     them
   * @throws IOException if it cannot be read or is not what its transport says
   */
  public static ImageSource source(String location) throws IOException {
    Location parsed = parse(location);
    return switch (parsed.transport) {
      case "oci" -> OciLayout.source(parsed.path, parsed.name);
      case "oci-archive" -> OciArchive.source(parsed.path, parsed.name);
      case "docker-archive" -> DockerArchive.source(parsed.path, parsed.name);
      default -> throw unknown(location);
    };
  }

  /**
   * Opens a place that an image can be written to; nothing is visible there before {@link
   * ImageDestination#finish}.
   *
   * @return to be closed by the caller
   * @throws IllegalArgumentException if {@code location} is not of a known form; the message lists
   *     them
   * @throws IOException if it cannot be written to
   */
  public static ImageDestination destination(String location) throws IOException {
    return destination(location, Optional.empty());
  }

  /**
   * As {@link #destination(String)}, and says what an image that comes from {@code origin} is
   * called where {@code location} does not.
   */
  public static ImageDestination destination(String location, ImageReference origin)
      throws IOException {
    return destination(location, Optional.of(origin));
  }

  private static ImageDestination destination(String location, Optional<ImageReference> origin)
      throws IOException {
    Location parsed = parse(location);
    return switch (parsed.transport) {
      case "oci" -> OciLayout.destination(parsed.path, parsed.name);
      case "oci-archive" -> OciArchive.destination(parsed.path, parsed.name);
      case "docker-archive" ->
          DockerArchive.destination(
              parsed.path, parsed.name.or(() -> origin.flatMap(ImageLocations::nameAndTag)));
      default -> throw unknown(location);
    };
  }

  private static Optional<String> nameAndTag(ImageReference reference) {
    return reference.digest().isPresent() && reference.tag().isEmpty()
        ? Optional.empty()
        : Optional.of(reference.repository() + ':' + reference.tagOrDefault());
  }

  private static Location parse(String location) {
    int first = location.indexOf(':');
    if (first < 0) {
      throw unknown(location);
    }
    String rest = location.substring(first + 1);
    int second = rest.indexOf(':');
    String path = second < 0 ? rest : rest.substring(0, second);
    Optional<String> name = second < 0 ? Optional.empty() : Optional.of(rest.substring(second + 1));
    if (path.isEmpty() || name.filter(String::isEmpty).isPresent()) {
      throw unknown(location);
    }
    try {
      return new Location(location.substring(0, first), Path.of(path), name);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("path '%s': %s".formatted(path, e.getReason()), e);
    }
  }

  private static IllegalArgumentException unknown(String location) {
    return new IllegalArgumentException(
        "image location: '%s' (expected: %s)".formatted(location, KNOWN));
  }

  private record Location(String transport, Path path, Optional<String> name) {}
}
