package dev.layercache.client.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The tar of an OCI layout, uncompressed, as {@code skopeo copy ... oci-archive:FILE} writes it.
 * Stateless and thread-safe.
 */
public final class OciArchive {
  private OciArchive() {}

  /**
   * Opens one image of an archive, which is read in place: nothing is unpacked.
   *
   * @param tag which one; empty takes the only one, else the one tagged {@code latest}
   * @return to be closed by the caller
   * @throws IOException if {@code file} is not such an archive, is hostile (see {@link TarFiles}),
   *     or has no such image
   */
  public static ImageSource source(Path file, Optional<String> tag) throws IOException {
    return LayoutSource.open(TarFiles.scan(file), tag);
  }

  /**
   * Opens an archive for writing. It replaces {@code file} at {@link ImageDestination#finish};
   * until then blobs lie in a hidden directory beside it, which {@code close} removes.
   *
   * @param tag what the image is called; wins over the tag given to {@link ImageDestination#finish}
   * @return to be closed by the caller
   */
  public static ImageDestination destination(Path file, Optional<String> tag) throws IOException {
    tag.ifPresent(LayoutIndex::requireTag);
    return new ArchiveDestination(file, tag, (layout, root) -> {});
  }
}
