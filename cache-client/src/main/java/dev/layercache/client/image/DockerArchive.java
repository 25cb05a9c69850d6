package dev.layercache.client.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The tar that {@code docker save} writes and {@code docker load} reads. Stateless and thread-safe.
 */
public final class DockerArchive {
  /** What docker takes as a name; it checks the details itself. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/:-]{0,382}");

  private DockerArchive() {}

  /**
   * Opens one image of an archive, which is read in place: nothing is unpacked. Where the archive
   * has the image's manifest (docker 25 and newer), that is the image, with its digest. Where it
   * has not, a manifest is made of the layers as they are, uncompressed as a rule, for which every
   * layer is read once to know its digest.
   *
   * @param name {@code NAME[:TAG]} as docker shows it; empty takes the only image
   * @return to be closed by the caller
   * @throws IOException if {@code file} is not such an archive, is hostile, has no such image, or a
   *     layer is not what the image's config says
   */
  public static ImageSource source(Path file, Optional<String> name) throws IOException {
    TarFiles files = TarFiles.scan(file);
    DockerManifest.Entry entry =
        DockerManifest.read(files).select(name.map(DockerArchive::withTag));
    var kept = KeptManifest.find(files, entry);
    return kept.isPresent()
        ? LayoutSource.of(files, kept.get())
        : MadeManifestSource.open(files, entry);
  }

  /**
   * Opens an archive for writing one image of one platform. It replaces {@code file} at {@link
   * ImageDestination#finish}; until then blobs lie in a hidden directory beside it, which {@code
   * close} removes. The archive is an OCI layout too, so that the image keeps its digest; layers
   * stay compressed as they are, which docker reads.
   *
   * @param name {@code NAME[:TAG]} that {@code docker load} gives the image; without it, none
   * @return to be closed by the caller
   */
  public static ImageDestination destination(Path file, Optional<String> name) throws IOException {
    name.ifPresent(DockerArchive::requireName);
    Optional<String> full = name.map(DockerArchive::withTag);
    return new ArchiveDestination(
        file,
        full.map(text -> text.substring(text.lastIndexOf(':') + 1)),
        (layout, image) -> DockerManifest.write(layout, image, full));
  }

  private static void requireName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "image name: '%s' (expected: NAME[:TAG], as docker shows it)".formatted(name));
    }
  }

  private static String withTag(String name) {
    return name.lastIndexOf(':') > name.lastIndexOf('/') ? name : name + ":latest";
  }
}
