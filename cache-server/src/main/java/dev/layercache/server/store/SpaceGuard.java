package dev.layercache.server.store;

import dev.layercache.server.blob.OutOfSpaceException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Refuses what would not leave enough room for the log, since a database that cannot write its log
 * stops, and what does not fit the budget. Asks the file system at most every 50 ms; thread-safe.
 */
final class SpaceGuard {
  private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final FileStore volume;
  private final Path directory;
  private final long reserve;
  private final Budget budget;
  private final AtomicLong askedAt;
  private volatile long usable;

  /**
   * @param reserveBytes to be left free; at most a twentieth of the volume is
   * @param budget what all of the store may take
   */
  SpaceGuard(Path directory, long reserveBytes, Budget budget) throws IOException {
    this.directory = directory;
    this.budget = budget;
    this.volume = Files.getFileStore(directory);
    this.reserve = reserve(volume, reserveBytes);
    this.usable = volume.getUsableSpace();
    this.askedAt = new AtomicLong(System.nanoTime());
  }

  static long reserve(FileStore volume, long reserveBytes) throws IOException {
    return Math.min(reserveBytes, volume.getTotalSpace() / 20);
  }

  /**
   * To be called before bytes are written to a file. Waits for a moment when the budget is used up
   * and room is being made.
   *
   * @return to be closed once they are written
   * @throws OutOfSpaceException if there is no room
   */
  Room take(long bytes) throws OutOfSpaceException {
    requireFree(bytes);
    return budget.take(bytes);
  }

  /**
   * The same before bytes go through the log.
   *
   * @return to be closed once they are there
   */
  Room takeForLog(long bytes) throws OutOfSpaceException {
    requireFree(2 * bytes);
    return budget.takeForLog(bytes);
  }

  /**
   * Asks whether there is room, for bytes that come later or need not be counted.
   *
   * @throws OutOfSpaceException if there is none
   */
  void require(long bytes) throws OutOfSpaceException {
    requireFree(bytes);
    budget.require(bytes);
  }

  private void requireFree(long bytes) throws OutOfSpaceException {
    refresh();
    if (usable - bytes < reserve) {
      throw new OutOfSpaceException(
          "disk is full: %d bytes are free at %s (expected: %d to be stored and %d to stay free)"
              .formatted(usable, directory, bytes, reserve));
    }
  }

  private void refresh() {
    long asked = askedAt.get();
    long now = System.nanoTime();
    if (now - asked > FRESH_NANOS && askedAt.compareAndSet(asked, now)) {
      try {
        usable = volume.getUsableSpace();
      } catch (IOException e) {
        // The write itself will tell.
        usable = Long.MAX_VALUE;
      }
    }
  }
}
