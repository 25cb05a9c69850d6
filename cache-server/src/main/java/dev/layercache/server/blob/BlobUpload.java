package dev.layercache.server.blob;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * One blob on its way in: bytes are appended in order and become visible, all at once, at {@link
 * #commit}.
 *
 * <p><b>Lifecycle.</b> Every upload ends in exactly one of three ways. {@link #commit} publishes
 * the blob. {@link #abort} discards the bytes. {@link #close} without either leaves the upload
 * resumable: {@link BlobIngest#resume} continues it at {@link #position}, in this process at the
 * exact byte, after a restart at the last finished segment. Calling {@code close} after {@code
 * commit} or {@code abort} does nothing, so try-with-resources is always right.
 *
 * <p><b>Buffers</b> stay the caller's: {@code write} consumes the bytes before it returns and keeps
 * no reference.
 *
 * <p><b>Threads.</b> One writer at a time; not thread-safe, except that a {@link BlobIngest#resume}
 * on any thread takes the upload over: this object's next call then throws {@link
 * UploadGoneException}. Any method may block on disk, so call from a virtual thread that holds no
 * lock.
 */
public interface BlobUpload extends WritableByteChannel {

  /** Names this upload across connections and restarts. */
  UploadId id();

  /** Bytes accepted so far; the offset at which the next {@link #write} continues. */
  long position();

  /**
   * Appends all remaining bytes of {@code source}.
   *
   * @return the number of bytes appended, always all that remained
   * @throws OutOfSpaceException if the disk or the budget is full; the upload is aborted
   * @throws BlobTooLargeException if the upload would pass the configured maximum; the upload is
   *     aborted
   * @throws UploadGoneException if the upload has ended or was taken over
   */
  @Override
  int write(ByteBuffer source) throws IOException;

  /**
   * Publishes the blob. When this returns, the bytes survive power loss and {@link BlobSource#open}
   * finds them. If the store holds the blob already, the new bytes are dropped and the call
   * succeeds.
   *
   * @param expected what the client says it sent (OCI distribution-spec, "Completing the upload";
   *     REAPI, ByteStream.Write)
   * @throws DigestMismatchException if the bytes have another digest; nothing is published, the
   *     upload is aborted
   * @throws OutOfSpaceException if the disk is full; nothing is published, the upload is aborted
   * @throws UploadGoneException if the upload has ended or was taken over
   */
  BlobInfo commit(Digest expected) throws IOException;

  /** Discards the bytes and frees their space. Idempotent. */
  void abort();

  /** Lets go of the upload and leaves it resumable, unless it has ended. Idempotent. */
  @Override
  void close();
}
