package dev.layercache.server.fill;

import dev.layercache.server.blob.BlobFollower;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobIngest;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobSource;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.FileRegion;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.blob.UploadGoneException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Optional;

/**
 * Reads a range of a blob while it is being filled, and from the store once it is there. Keeps the
 * fill wanted until it is closed.
 */
final class FillReader implements BlobReader {
  /** A fill says why it failed soon after its bytes are gone. */
  private static final Duration UNTIL_REASON = Duration.ofSeconds(5);

  private final Fill fill;
  private final BlobInfo info;
  private final BlobSource store;
  private final BlobFollower follower;
  private final Duration stall;
  private long offset;
  private long remaining;
  private Optional<BlobReader> stored = Optional.empty();
  private volatile boolean open = true;

  /**
   * @param fill wanted once for this reader, which releases it
   * @param info of the blob
   * @param follower at the start of the range; becomes this reader's
   * @param stall how long a read waits for a byte
   */
  FillReader(
      Fill fill,
      BlobInfo info,
      ByteRange range,
      BlobSource store,
      BlobFollower follower,
      Duration stall)
      throws IOException {
    this.fill = fill;
    this.info = info;
    this.store = store;
    this.follower = follower;
    this.stall = stall;
    this.offset = range.offset();
    this.remaining = range.lengthIn(info.size());
  }

  @Override
  public BlobInfo info() {
    return info;
  }

  @Override
  public long remaining() {
    return remaining;
  }

  @Override
  public void awaitReadable(int most) throws IOException {
    if (stored.isEmpty()) {
      long end = offset + Math.min(most, remaining);
      // The last bytes can be seen once the digest is verified, which ends the fill.
      long needed = Math.min(end + BlobIngest.MAX_FOLLOWER_LAG, info.size() + 1);
      requireNotEnded(fill.awaitPosition(needed, stall));
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (!open) {
      throw new ClosedChannelException();
    }
    if (!target.hasRemaining()) {
      return 0;
    }
    if (remaining == 0) {
      return -1;
    }
    int length = (int) Math.min(target.remaining(), remaining);
    var window = target.slice(target.position(), length);
    while (window.hasRemaining()) {
      int count = stored.isPresent() ? stored.get().read(window) : follow(window);
      if (count < 0) {
        throw new EOFException(
            "%s ended at %d (expected: %d bytes)".formatted(info.digest(), offset, info.size()));
      }
      moved(count);
    }
    target.position(target.position() + length);
    return length;
  }

  /** Once the blob is stored, its file is as good a source as that of any other blob. */
  @Override
  public Optional<FileRegion> nextRegion(long most) throws IOException {
    if (!open) {
      throw new ClosedChannelException();
    }
    if (stored.isEmpty() && fill.outcome().isPresent() && remaining > 0) {
      stored = store.open(info.digest(), new ByteRange(offset, remaining));
    }
    if (stored.isEmpty()) {
      return Optional.empty();
    }
    var region = stored.get().nextRegion(most);
    region.ifPresent(given -> moved(given.length()));
    return region;
  }

  private void moved(long bytes) {
    offset += bytes;
    remaining -= bytes;
  }

  private int follow(ByteBuffer window) throws IOException {
    awaitReadable(window.remaining());
    try {
      return follower.read(window);
    } catch (UploadGoneException e) {
      requireNotEnded(Optional.of(fill.awaitEnd(UNTIL_REASON)));
      throw e;
    }
  }

  private void requireNotEnded(Optional<FillOutcome> outcome) throws IOException {
    if (outcome.isPresent()) {
      switch (outcome.get()) {
        case FillOutcome.Failed failed -> throw failed.why();
        case FillOutcome.Absent absent ->
            throw new UnavailableException(
                "%s is gone where it was being read from".formatted(info.digest()));
        case FillOutcome.Stored stored -> {}
      }
    }
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public synchronized void close() {
    if (!open) {
      return;
    }
    open = false;
    follower.close();
    stored.ifPresent(BlobReader::close);
    fill.release();
  }
}
