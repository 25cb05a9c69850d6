package dev.layercache.client.image;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;

/**
 * A file that one writer fills at a time, across processes.
 *
 * @param path where it lies now
 * @param channel open for reading and writing; holds the lock until it is closed
 * @param keep whether {@code close} without commit leaves it for the next writer
 */
record PartialFile(Path path, FileChannel channel, boolean keep) {
  /** How often a file that others finish under our hands is tried again. */
  private static final int ATTEMPTS = 8;

  /** The file at {@code path}, made if need be; empty while another writer has it. */
  static Optional<PartialFile> claim(Path path) throws IOException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        Files.createFile(path);
      } catch (FileAlreadyExistsException e) {
        // Left by an earlier attempt, or somebody's at this moment: the lock tells.
      }
      Optional<Object> before = identity(path);
      if (before.isEmpty()) {
        continue;
      }
      FileChannel channel;
      try {
        channel = openExisting(path);
      } catch (NoSuchFileException e) {
        continue;
      }
      if (!lock(channel)) {
        channel.close();
        return Optional.empty();
      }
      // Whoever held the lock before may have renamed the file to its final name: it must not be
      // written to any more. A file never comes back to a partial name, so the same file before
      // and after the lock is the one that the channel is open on.
      if (before.equals(identity(path))) {
        return Optional.of(new PartialFile(path, channel, true));
      }
      channel.close();
    }
    return Optional.empty();
  }

  /** A new file that no other writer knows of. */
  static PartialFile ownedAlone(Path directory) throws IOException {
    Path path = DurableFiles.fresh(directory, "", ".partial");
    return new PartialFile(path, openExisting(path), false);
  }

  private static FileChannel openExisting(Path path) throws IOException {
    return FileChannel.open(
        path, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static Optional<Object> identity(Path path) throws IOException {
    try {
      return Optional.of(
          Objects.requireNonNull(
              Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                  .fileKey(),
              "the file system has no file identities"));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
