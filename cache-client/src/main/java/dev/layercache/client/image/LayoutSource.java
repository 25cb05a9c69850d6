package dev.layercache.client.image;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.ManifestParser;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;

/** One image of a layout. */
final class LayoutSource implements ImageSource {
  private final LayoutFiles files;
  private final Descriptor root;

  private LayoutSource(LayoutFiles files, Descriptor root) {
    this.files = files;
    this.root = root;
  }

  static ImageSource open(LayoutFiles files, Optional<String> tag) throws IOException {
    LayoutIndex.requireLayout(files);
    return of(files, LayoutIndex.read(files).select(tag));
  }

  /** The image {@code root}, whose media type is looked up when it is not given. */
  static ImageSource of(LayoutFiles files, Descriptor root) throws IOException {
    if (!root.mediaType().isEmpty()) {
      return new LayoutSource(files, root);
    }
    byte[] bytes = readManifest(files, root);
    String mediaType = ManifestParser.parse(bytes, "").mediaType();
    return new LayoutSource(
        files,
        new Descriptor(
            mediaType,
            root.digest(),
            root.size(),
            root.urls(),
            root.platform(),
            root.artifactType(),
            root.annotations()));
  }

  @Override
  public Descriptor root() {
    return root;
  }

  @Override
  public byte[] manifest(Descriptor descriptor) throws IOException {
    return readManifest(files, descriptor);
  }

  @Override
  public InputStream open(Descriptor descriptor, long offset) throws IOException {
    if (offset < 0 || offset > descriptor.size()) {
      throw new IllegalArgumentException(
          "offset in %s: %d (expected: 0 to %d)"
              .formatted(descriptor.digest(), offset, descriptor.size()));
    }
    requireSize(files, descriptor);
    return files.open(LayoutFiles.blobPath(descriptor.digest()), offset);
  }

  static byte[] readManifest(LayoutFiles files, Descriptor descriptor) throws IOException {
    requireSize(files, descriptor);
    byte[] bytes =
        files.readAll(LayoutFiles.blobPath(descriptor.digest()), ManifestParser.MAX_BYTES);
    var algorithm = descriptor.digest().algorithm();
    var hash = algorithm.newHash();
    hash.update(bytes);
    Digest found = Digest.of(algorithm, hash);
    if (!found.equals(descriptor.digest())) {
      throw new IOException(
          "%s: manifest %s has digest %s".formatted(files, descriptor.digest(), found));
    }
    return bytes;
  }

  private static void requireSize(LayoutFiles files, Descriptor descriptor) throws IOException {
    OptionalLong size = files.size(LayoutFiles.blobPath(descriptor.digest()));
    if (size.isEmpty()) {
      throw new IOException("%s lacks blob %s".formatted(files, descriptor.digest()));
    }
    if (size.getAsLong() != descriptor.size()) {
      throw new IOException(
          "%s: blob %s has %d bytes (expected: %d)"
              .formatted(files, descriptor.digest(), size.getAsLong(), descriptor.size()));
    }
  }

  @Override
  public void close() {
    // Holds nothing: every stream has a file of its own.
  }
}
