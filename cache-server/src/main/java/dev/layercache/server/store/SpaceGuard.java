package dev.layercache.server.store;

import dev.layercache.server.blob.OutOfSpaceException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Refuses what would not leave enough room for the log: a database that cannot write its log stops.
 * Asks the file system at most every 50 ms; thread-safe.
 */
final class SpaceGuard {
  private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final FileStore volume;
  private final Path directory;
  private final long reserve;
  private final AtomicLong askedAt;
  private volatile long usable;

  /**
   * @param reserveBytes to be left free; at most a twentieth of the volume is
   */
  SpaceGuard(Path directory, long reserveBytes) throws IOException {
    this.directory = directory;
    this.volume = Files.getFileStore(directory);
    this.reserve = Math.min(reserveBytes, volume.getTotalSpace() / 20);
    this.usable = volume.getUsableSpace();
    this.askedAt = new AtomicLong(System.nanoTime());
  }

  /**
   * @param bytes about to be written
   * @throws OutOfSpaceException if too little would be left
   */
  void require(long bytes) throws OutOfSpaceException {
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
