package dev.layercache.client.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.UUID;

/** Files that appear all at once and survive power loss. */
final class DurableFiles {
  private DurableFiles() {}

  /** What writes a file's content into {@code temporary}, which exists and is empty. */
  interface Content {
    void writeTo(Path temporary) throws IOException;
  }

  /** Replaces {@code file}; a reader sees the old content or the new, never a part. */
  static void replace(Path file, Content content) throws IOException {
    Path temporary = fresh(directory(file), "." + file.getFileName(), ".tmp");
    try {
      content.writeTo(temporary);
      try (var channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      publish(temporary, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * A new hidden file, with the permissions that any new file gets (a JDK temp file is private).
   */
  static Path fresh(Path directory, String prefix, String suffix) throws IOException {
    return Files.createFile(directory.resolve(prefix + "." + UUID.randomUUID() + suffix));
  }

  /** Renames {@code temporary}, whose content was forced already, to {@code file}. */
  static void publish(Path temporary, Path file) throws IOException {
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    try (var channel = FileChannel.open(directory(file), StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** The directory that {@code file} is in. */
  static Path directory(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException("file: '%s' (expected: not a root)".formatted(file));
    }
    return parent;
  }

  /** Deletes a directory that this program made, with what is in it; links are not followed. */
  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (var paths = Files.walk(root)) {
      for (Path path : (Iterable<Path>) paths.sorted(Comparator.reverseOrder())::iterator) {
        Files.deleteIfExists(path);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
