package dev.layercache.client.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A directory of blobs with an index (OCI image-spec, "Image Layout"), as skopeo, umoci, buildah
 * and BuildKit read and write it. Stateless and thread-safe.
 */
public final class OciLayout {
  private OciLayout() {}

  /**
   * Opens one image of a layout.
   *
   * @param tag which one; empty takes the only one, else the one tagged {@code latest}
   * @return to be closed by the caller
   * @throws IOException if {@code directory} is not a layout or has no such image; the message
   *     lists the tags there are
   */
  public static ImageSource source(Path directory, Optional<String> tag) throws IOException {
    return LayoutSource.open(new DirectoryFiles(directory), tag);
  }

  /**
   * Opens a layout for writing; where there is none, the first blob creates it. Its other images
   * stay. Partial blobs stay too, as hidden files, and are continued by the next attempt. Any
   * number of destinations, in any number of processes, may write to one layout at the same time.
   *
   * @param tag what the image is called; wins over the tag given to {@link ImageDestination#finish}
   * @return to be closed by the caller
   * @throws IOException if {@code directory} is neither empty nor a layout
   */
  public static ImageDestination destination(Path directory, Optional<String> tag)
      throws IOException {
    tag.ifPresent(LayoutIndex::requireTag);
    return new LayoutDestination(directory, tag);
  }
}
