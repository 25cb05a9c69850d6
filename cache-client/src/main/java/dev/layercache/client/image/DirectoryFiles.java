package dev.layercache.client.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalLong;

/** The files of a directory. Symbolic links are followed as long as they stay inside. */
final class DirectoryFiles implements LayoutFiles {
  private final Path given;
  private final Path root;

  DirectoryFiles(Path directory) throws IOException {
    given = directory;
    if (!Files.isDirectory(directory)) {
      throw new IOException(
          Files.exists(directory)
              ? "%s is not a directory (expected: an OCI layout)".formatted(directory)
              : "%s does not exist (expected: an OCI layout)".formatted(directory));
    }
    root = directory.toRealPath();
  }

  @Override
  public OptionalLong size(String path) throws IOException {
    Optional<Path> file = resolve(path);
    return file.isPresent() ? OptionalLong.of(Files.size(file.get())) : OptionalLong.empty();
  }

  @Override
  public InputStream open(String path, long offset) throws IOException {
    Path file =
        resolve(path)
            .orElseThrow(() -> new NoSuchFileException("%s has no file %s".formatted(this, path)));
    var channel =
        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS).position(offset);
    return Channels.newInputStream(channel);
  }

  private Optional<Path> resolve(String path) throws IOException {
    Path real;
    try {
      real = root.resolve(path).toRealPath();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (!real.startsWith(root)) {
      throw new IOException("%s: %s leads out of the layout".formatted(this, path));
    }
    if (!Files.isRegularFile(real)) {
      throw new IOException("%s: %s is not a regular file".formatted(this, path));
    }
    return Optional.of(real);
  }

  @Override
  public String toString() {
    return given.toString();
  }
}
