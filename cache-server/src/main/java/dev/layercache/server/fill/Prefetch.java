package dev.layercache.server.fill;

import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.UnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A blob that is to be stored although nobody reads it yet. Its fill goes on until this is closed,
 * and after that as long as others want it. Thread-safe; closing twice does nothing.
 */
public final class Prefetch implements AutoCloseable {
  private final Fill fill;
  private final Duration stall;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * @param fill wanted once for this, which releases it
   */
  Prefetch(Fill fill, Duration stall) {
    this.fill = fill;
    this.stall = stall;
  }

  /** Bytes of the blob, -1 while that is not known. */
  public long size() {
    return fill.size();
  }

  /** Bytes that are there so far. */
  public long position() {
    return fill.position();
  }

  /** Whether it has ended, in whatever way; then {@link #await} returns at once. */
  public boolean isDone() {
    return fill.outcome().isPresent();
  }

  /**
   * Waits until the blob is stored.
   *
   * @return empty when no origin has it
   * @throws UnavailableException if the origin cannot give it now, or gave no byte for too long
   * @throws IOException if it could not be stored
   */
  public Optional<BlobInfo> await() throws IOException {
    return switch (fill.awaitEnd(stall)) {
      case FillOutcome.Stored stored -> Optional.of(stored.info());
      case FillOutcome.Absent absent -> Optional.empty();
      case FillOutcome.Failed failed -> throw failed.why();
    };
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      fill.release();
    }
  }
}
