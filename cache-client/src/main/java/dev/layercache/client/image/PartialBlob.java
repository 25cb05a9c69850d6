package dev.layercache.client.image;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A blob on its way to a destination. Not visible there before {@link #commit}. Not thread-safe.
 * {@code close} without commit keeps what was written for a later attempt where the destination
 * can.
 */
public interface PartialBlob extends AutoCloseable {

  /**
   * Bytes that are there; the next {@link #write} continues here. Above 0 at first when an earlier
   * attempt is continued.
   */
  long position();

  /** Appends all remaining bytes; the buffer stays the caller's. */
  void write(ByteBuffer bytes) throws IOException;

  /**
   * Verifies size and digest and makes the blob visible, all at once.
   *
   * @throws IOException if they are not the descriptor's: what was written is discarded, so that
   *     the next attempt starts over
   */
  void commit() throws IOException;

  @Override
  void close() throws IOException;
}
