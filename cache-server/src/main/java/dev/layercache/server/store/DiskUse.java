package dev.layercache.server.store;

import dev.layercache.server.blob.SpaceBudget.SpaceUse;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Measures what a store takes on disk. RocksDB counts its own files as it makes and deletes them;
 * its log, its manifest and the staged files are looked at. Thread-safe.
 */
final class DiskUse {
  /** Listing the log's directory takes at most this share of the time. */
  private static final int LISTING_SHARE = 20;

  private final FileStore volume;
  private final long reserve;
  private final Database database;
  private final Counters counters;
  private final Path files;
  private final Path staging;
  private final Path unpacked;
  private long logs;
  private long listAgainAt = System.nanoTime();

  /**
   * @param reserveBytes of the volume that count as taken
   */
  DiskUse(Database database, Counters counters, DataDirectory data, long reserveBytes)
      throws IOException {
    this.volume = Files.getFileStore(data.root());
    this.reserve = SpaceGuard.reserve(volume, reserveBytes);
    this.database = database;
    this.counters = counters;
    this.files = data.database();
    this.staging = data.staging();
    this.unpacked = data.nativeLibrary();
  }

  synchronized SpaceUse measure() throws IOException {
    long start = System.nanoTime();
    if (start - listAgainAt >= 0) {
      logs = bytesIn(files, file -> !isCounted(file)) + bytesIn(unpacked);
      long now = System.nanoTime();
      listAgainAt = now + LISTING_SHARE * (now - start);
    }
    // Staged files first: one that is moved into the database meanwhile is counted twice, not
    // never.
    long staged = bytesIn(staging);
    long free = Math.max(0, volume.getUsableSpace() - reserve);
    return new SpaceUse(counters.now().bytes(), database.fileBytes(), logs, staged, free);
  }

  private static boolean isCounted(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".sst") || name.endsWith(".blob");
  }

  private static long bytesIn(Path directory) throws IOException {
    return bytesIn(directory, file -> true);
  }

  private static long bytesIn(Path directory, DirectoryStream.Filter<Path> filter)
      throws IOException {
    long bytes = 0;
    try (DirectoryStream<Path> listed = Files.newDirectoryStream(directory, filter)) {
      for (Path file : listed) {
        try {
          bytes += Files.size(file);
        } catch (NoSuchFileException e) {
          // Moved into the database or deleted since it was listed.
        }
      }
    }
    return bytes;
  }
}
