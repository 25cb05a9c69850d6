package dev.layercache.client.image;

import dev.layercache.oci.Descriptor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Writes an image into a tar. Blobs arrive in parallel and a tar is written in order, so they wait
 * in a layout in a hidden directory beside the tar.
 */
final class ArchiveDestination implements ImageDestination {
  private static final int BUFFER = 1 << 20;

  private final Path file;
  private final Path spool;
  private final LayoutDestination layout;
  private final Extra extra;

  /** Adds what the archive has besides the layout. */
  interface Extra {
    /** Writes files into the spooled layout, which become part of the archive. */
    void addTo(Path layout, Descriptor image) throws IOException;
  }

  ArchiveDestination(Path file, Optional<String> name, Extra extra) throws IOException {
    this.file = file;
    this.extra = extra;
    if (Files.isDirectory(file)) {
      throw new IOException("%s is a directory (expected: a file to write)".formatted(file));
    }
    Path directory = DurableFiles.directory(file);
    if (!Files.isDirectory(directory)) {
      throw new IOException(
          "%s: directory %s does not exist (expected: one to write the archive to)"
              .formatted(file, directory));
    }
    spool = Files.createTempDirectory(directory, "." + file.getFileName() + ".");
    try {
      layout = new LayoutDestination(spool, name);
    } catch (IOException | RuntimeException e) {
      DurableFiles.deleteTree(spool);
      throw e;
    }
  }

  @Override
  public boolean has(Descriptor descriptor) throws IOException {
    return layout.has(descriptor);
  }

  @Override
  public PartialBlob begin(Descriptor descriptor) throws IOException {
    return layout.begin(descriptor);
  }

  @Override
  public void finish(Descriptor image, Optional<String> tag) throws IOException {
    layout.finish(image, tag);
    extra.addTo(spool, image);
    DurableFiles.replace(file, this::writeTar);
  }

  private void writeTar(Path temporary) throws IOException {
    try (var tar =
        new TarArchiveOutputStream(
            new BufferedOutputStream(Files.newOutputStream(temporary), BUFFER), "UTF-8")) {
      tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      for (Path path : spooled()) {
        String name = spool.relativize(path).toString().replace('\\', '/');
        var entry = new TarArchiveEntry(name);
        entry.setSize(Files.size(path));
        entry.setModTime(0);
        tar.putArchiveEntry(entry);
        Files.copy(path, tar);
        tar.closeArchiveEntry();
      }
      tar.finish();
    }
  }

  /** Small documents first, so that a reader of a stream has them early; partial blobs never. */
  private List<Path> spooled() throws IOException {
    try (var paths = Files.walk(spool)) {
      return paths
          .filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
          .filter(path -> !path.getFileName().toString().startsWith("."))
          .sorted(
              (a, b) -> {
                int byDepth = Integer.compare(a.getNameCount(), b.getNameCount());
                return byDepth != 0 ? byDepth : a.compareTo(b);
              })
          .toList();
    }
  }

  @Override
  public void close() throws IOException {
    DurableFiles.deleteTree(spool);
  }
}
