package dev.layercache.server.store;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.rocksdb.Checkpoint;
import org.rocksdb.RocksDBException;

/**
 * Copies a store while it is in use: RocksDB's checkpoint hard-links the files, which never change,
 * and copies what does. The copy is a data directory as of one moment, without unfinished uploads.
 * No file is ingested or dropped meanwhile: a record in the copy has its files there.
 */
final class Backup {
  /** Linking 100,000 files takes seconds; what takes longer than this is a disk that hangs. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Database database;
  private final FileKeeper files;
  private final Path root;

  Backup(Database database, FileKeeper files, Path root) {
    this.database = database;
    this.files = files;
    this.root = root;
  }

  /**
   * @param target is created; may be there and empty
   * @throws IOException if it is not empty, on another volume, or within the data directory; what
   *     was begun is removed
   */
  void to(Path target) throws IOException {
    Path parent = parent(target);
    requireLinkable(target, parent);
    Path partial = parent.resolve(target.getFileName() + ".partial");
    DataDirectory.delete(partial);
    try {
      Files.createDirectory(partial);
      files.runAlone(() -> checkpoint(partial.resolve("db")), PATIENCE);
      DataDirectory.writeVersion(partial);
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
      DataDirectory.sync(parent);
    } catch (IOException | RuntimeException e) {
      DataDirectory.delete(partial);
      throw e;
    }
  }

  private void checkpoint(Path target) throws RocksDBException {
    try (var checkpoint = Checkpoint.create(database.rocks())) {
      checkpoint.createCheckpoint(target.toString());
    }
  }

  private static Path parent(Path target) throws IOException {
    if (!target.isAbsolute() || target.getParent() == null) {
      throw new IOException("backup to %s (expected: an absolute path)".formatted(target));
    }
    try {
      return target.getParent().toRealPath();
    } catch (NoSuchFileException e) {
      throw new IOException(
          "backup to %s: %s is not there (expected: a directory on the volume of %s)"
              .formatted(target, target.getParent(), target),
          e);
    }
  }

  private void requireLinkable(Path target, Path parent) throws IOException {
    Path real = root.toRealPath();
    if (parent.startsWith(real)) {
      throw new IOException(
          "backup to %s, within the data directory %s (expected: a directory beside it)"
              .formatted(target, real));
    }
    if (!Files.getFileStore(parent).equals(Files.getFileStore(real))) {
      throw new IOException(
          "backup to %s, on volume %s (expected: volume %s of %s, since a backup is made of hard links; copy it elsewhere afterwards)"
              .formatted(target, Files.getFileStore(parent), Files.getFileStore(real), real));
    }
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      removeEmpty(target);
    }
  }

  private static void removeEmpty(Path target) throws IOException {
    try {
      if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
        Files.delete(target);
        return;
      }
    } catch (DirectoryNotEmptyException e) {
      // Falls through to the one message.
    }
    throw new IOException(
        "backup to %s, which is not empty (expected: a new or empty directory)".formatted(target));
  }
}
