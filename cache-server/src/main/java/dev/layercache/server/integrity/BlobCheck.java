package dev.layercache.server.integrity;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.CorruptBlobException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Optional;

/** Reads one blob after the other and says which are damaged. Not thread-safe. */
final class BlobCheck {
  /** Bytes of a read: four chunks, during which one disk permit is held. */
  private static final int BUFFER = 1 << 20;

  private final BlobInventory inventory;
  private final Depth depth;
  private final Pace pace;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);

  BlobCheck(BlobInventory inventory, Depth depth, Pace pace) {
    this.inventory = inventory;
    this.depth = depth;
    this.pace = pace;
  }

  /** Sets the pace: is asked before each read. */
  @FunctionalInterface
  interface Pace {
    /** Waits until so many bytes may be read; false ends the check of the blob. */
    boolean mayRead(long bytes) throws InterruptedException;
  }

  /**
   * What is wrong with a blob, which is in quarantine then; empty when nothing is, or it was
   * deleted meanwhile.
   *
   * @throws IOException if it cannot be read now, which does not mean that it is damaged
   */
  Optional<Damage> check(BlobInventory.Item item) throws IOException, InterruptedException {
    try {
      var opened = inventory.open(item);
      if (opened.isEmpty()) {
        return Optional.empty();
      }
      try (var reader = opened.get()) {
        var wrong = read(item, reader);
        if (wrong.isEmpty()) {
          return Optional.empty();
        }
        return inventory
            .quarantine(item, wrong.get())
            .map(where -> new Damage(Optional.of(item.digest()), where, wrong.get()));
      }
    } catch (CorruptBlobException e) {
      return Optional.of(new Damage(Optional.of(item.digest()), e.where(), e.reason()));
    }
  }

  private Optional<String> read(BlobInventory.Item item, BlobReader reader)
      throws IOException, InterruptedException {
    var hash = item.digest().algorithm().newHash();
    long size = 0;
    while (true) {
      if (!pace.mayRead(Math.min(BUFFER, reader.remaining()))) {
        return Optional.empty();
      }
      int read = reader.read(buffer.clear());
      if (read < 0) {
        return size == item.size()
            ? wrongDigest(item.digest(), hash)
            : Optional.of("%d bytes (expected: %d)".formatted(size, item.size()));
      }
      size += read;
      if (depth == Depth.FULL) {
        hash.update(buffer.flip());
      }
    }
  }

  private Optional<String> wrongDigest(Digest expected, MessageDigest hash) {
    if (depth == Depth.FAST) {
      return Optional.empty();
    }
    var actual = Digest.of(expected.algorithm(), hash);
    return actual.equals(expected)
        ? Optional.empty()
        : Optional.of("its bytes have digest %s (expected: %s)".formatted(actual, expected));
  }
}
