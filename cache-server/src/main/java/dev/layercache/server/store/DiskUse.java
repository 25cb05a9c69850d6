package dev.layercache.server.store;

import dev.layercache.server.blob.SpaceBudget.SpaceUse;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * Measures what a store takes on disk. RocksDB counts the files that it made, when they are
 * complete, and those it found at the start; {@link FileKeeper.Ingested} those it was given; its
 * log, its manifest and the staged files are looked at. The log counts twice: what it holds is
 * flushed into files before it is deleted. Thread-safe.
 */
final class DiskUse {
  /** Listing the log's directory takes at most this share of the time. */
  private static final int LISTING_SHARE = 20;

  private final FileStore volume;
  private final long reserve;
  private final Database database;
  private final FileKeeper.Ingested ingested;
  private final Counters counters;
  private final Path files;
  private final Path staging;
  private final Path unpacked;
  private long logs;
  private long loggedWhenListed;
  private long listAgainAt = System.nanoTime();

  /**
   * @param reserveBytes of the volume that count as taken
   */
  DiskUse(
      Database database,
      FileKeeper.Ingested ingested,
      Counters counters,
      DataDirectory data,
      long reserveBytes)
      throws IOException {
    this.volume = Files.getFileStore(data.root());
    this.reserve = SpaceGuard.reserve(volume, reserveBytes);
    this.database = database;
    this.ingested = ingested;
    this.counters = counters;
    this.files = data.database();
    this.staging = data.staging();
    this.unpacked = data.nativeLibrary();
  }

  /**
   * @param logged bytes that went into the log since the start
   */
  synchronized SpaceUse measure(LongSupplier logged) throws IOException {
    long start = System.nanoTime();
    if (start - listAgainAt >= 0) {
      loggedWhenListed = logged.getAsLong();
      logs = bytesIn(files, file -> !isCounted(file)) + bytesIn(files, DiskUse::isLog);
      logs += bytesIn(unpacked);
      long now = System.nanoTime();
      listAgainAt = now + LISTING_SHARE * (now - start);
    }
    long sinceListed = 2 * (logged.getAsLong() - loggedWhenListed);
    // Staged files first: one that is moved into the database meanwhile is counted twice, not
    // never.
    long staged = bytesIn(staging);
    long free = Math.max(0, volume.getUsableSpace() - reserve);
    long inFiles = ingested.bytes() + database.fileBytes();
    return new SpaceUse(counters.now().bytes(), inFiles, logs + sinceListed, staged, free);
  }

  private static boolean isCounted(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".sst") || name.endsWith(".blob");
  }

  private static boolean isLog(Path file) {
    return file.getFileName().toString().endsWith(".log");
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
