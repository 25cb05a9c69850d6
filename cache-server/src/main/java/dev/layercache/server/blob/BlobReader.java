package dev.layercache.server.blob;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

/**
 * A range of one blob on its way out. The bytes cannot change or vanish while the reader is open,
 * whatever is deleted meanwhile.
 *
 * <p><b>Ownership.</b> Whoever opened a reader closes it; closing twice does nothing.
 *
 * <p><b>Buffers</b> stay the caller's: {@code read} fills them and keeps no reference. Direct ones
 * save a copy.
 *
 * <p><b>Threads.</b> One at a time; not thread-safe. Reading may block on disk, so read on a
 * virtual thread that holds no lock. {@code close} may come from any thread and never blocks on
 * disk.
 */
public interface BlobReader extends ReadableByteChannel {

  /** The blob that is read. */
  BlobInfo info();

  /** Bytes of the range that were not read yet. */
  long remaining();

  /**
   * Fills {@code target}, short only at the end of the range.
   *
   * @return bytes read, at least 1; -1 at the end of the range; 0 only if {@code target} has no
   *     room
   * @throws CorruptBlobException if a checksum does not match; the bytes already read were right
   * @throws UnavailableException if the store is closing or the permit to read did not come in time
   */
  @Override
  int read(ByteBuffer target) throws IOException;

  /**
   * Waits until {@link #read} of up to {@code most} bytes need not wait for a slower source. Call
   * it before taking what others wait for, a pooled buffer, say.
   *
   * @throws UnavailableException if the source failed or gave nothing for too long
   */
  default void awaitReadable(int most) throws IOException {}

  /**
   * The next bytes as a region of a file, in place of {@link #read}: they count as read. Their
   * checksum is not verified here: the client's digest check and the scrubber cover them.
   *
   * @param most bytes wanted, at least 1
   * @return empty at the end of the range, or when this reader has no file to offer: then {@code
   *     read} goes on from the same place
   */
  default Optional<FileRegion> nextRegion(long most) throws IOException {
    return Optional.empty();
  }

  @Override
  void close();
}
