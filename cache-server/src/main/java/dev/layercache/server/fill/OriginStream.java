package dev.layercache.server.fill;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * The bytes of one blob as an origin sends them. Not thread-safe, but {@link #close} may come from
 * any thread and ends a read that waits. Whoever opened it closes it; closing twice does nothing.
 */
public interface OriginStream extends ReadableByteChannel {

  /** Bytes of the whole blob, as the origin says; -1 when it does not say. */
  long size();

  /**
   * Offset in the blob of the first byte that this stream gives: what was asked for, or 0 when the
   * origin cannot start elsewhere.
   */
  long offset();

  /**
   * Waits for at least one byte and reads what there is, up to the room in {@code target}.
   *
   * @return bytes read, at least 1; -1 at the end of the blob; 0 only if {@code target} has no room
   * @throws IOException if the stream broke, ended before {@link #size}, or gave nothing until the
   *     origin's deadline. It is opened again where it broke, a bounded number of times
   */
  @Override
  int read(ByteBuffer target) throws IOException;

  @Override
  void close();
}
