package dev.layercache.server.blob;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * Reads an upload while it is being written; see {@link BlobIngest#follow}. Not thread-safe.
 * Whoever opened it closes it; closing twice does nothing, and never ends the upload.
 */
public interface BlobFollower extends ReadableByteChannel {

  /**
   * Waits until at least one byte can be read, then reads what there is, up to the room in {@code
   * target}.
   *
   * @return bytes read, at least 1; -1 at the end of the committed blob; 0 only if {@code target}
   *     has no room
   * @throws UploadGoneException if the upload was aborted
   * @throws UnavailableException if no byte came in time, or the store is closing
   */
  @Override
  int read(ByteBuffer target) throws IOException;

  @Override
  void close();
}
