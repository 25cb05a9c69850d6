package dev.layercache.client.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The files inside an uncompressed tar, read where they lie. The tar may come from anyone: {@link
 * TarScanner} refuses what is damaged or could mean two things, and links are followed inside the
 * tar only.
 */
final class TarFiles implements LayoutFiles {
  /** Most links from a name to its file; docker's archives need one. */
  private static final int MAX_LINKS = 8;

  private final Path tar;
  private final Map<String, Entry> entries;

  /** What the tar has under a name. */
  sealed interface Entry {}

  /**
   * A regular file.
   *
   * @param offset of its first byte in the tar
   * @param size in bytes
   */
  record Extent(long offset, long size) implements Entry {}

  /**
   * A symbolic or hard link.
   *
   * @param target a name in the tar
   */
  record Link(String target) implements Entry {}

  private TarFiles(Path tar, Map<String, Entry> entries) {
    this.tar = tar;
    this.entries = Map.copyOf(entries);
  }

  /**
   * Reads the headers of a tar, not its content.
   *
   * @throws IOException if it cannot be read or is refused; the message says which entry and why
   */
  static TarFiles scan(Path tar) throws IOException {
    if (!Files.isRegularFile(tar)) {
      throw new IOException(
          Files.exists(tar)
              ? "%s is not a regular file (expected: a tar)".formatted(tar)
              : "%s does not exist (expected: a tar)".formatted(tar));
    }
    try (var channel = FileChannel.open(tar, StandardOpenOption.READ)) {
      return new TarFiles(tar, new TarScanner(tar, channel).scan());
    }
  }

  @Override
  public OptionalLong size(String path) throws IOException {
    Optional<Extent> extent = find(path);
    return extent.isPresent() ? OptionalLong.of(extent.get().size()) : OptionalLong.empty();
  }

  @Override
  public InputStream open(String path, long offset) throws IOException {
    Extent extent =
        find(path).orElseThrow(() -> new IOException("%s has no file %s".formatted(tar, path)));
    if (offset < 0 || offset > extent.size()) {
      throw new IllegalArgumentException(
          "offset in %s: %d (expected: 0 to %d)".formatted(path, offset, extent.size()));
    }
    var channel = FileChannel.open(tar, StandardOpenOption.READ).position(extent.offset() + offset);
    return new ExtentStream(Channels.newInputStream(channel), extent.size() - offset, path);
  }

  private Optional<Extent> find(String path) throws IOException {
    String name = path;
    for (int links = 0; links <= MAX_LINKS; links++) {
      Entry entry = entries.get(name);
      if (entry instanceof Extent) {
        return Optional.of((Extent) entry);
      }
      if (!(entry instanceof Link)) {
        return Optional.empty();
      }
      name = ((Link) entry).target();
    }
    throw new IOException(
        "%s: %s is a link over more than %d others".formatted(tar, path, MAX_LINKS));
  }

  @Override
  public String toString() {
    return tar.toString();
  }
}
