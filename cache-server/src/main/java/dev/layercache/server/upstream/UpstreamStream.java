package dev.layercache.server.upstream;

import dev.layercache.server.fill.OriginStream;
import dev.layercache.server.upstream.wire.HttpReply;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A blob as an upstream sends it. */
final class UpstreamStream implements OriginStream {
  private final HttpReply reply;
  private final long offset;
  private final long size;
  private long position;

  /**
   * @param offset of the first byte of the body in the blob
   * @param size of the whole blob, -1 when not known
   */
  UpstreamStream(HttpReply reply, long offset, long size) {
    this.reply = reply;
    this.offset = offset;
    this.size = size;
    this.position = offset;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    int count = reply.read(target);
    if (count < 0 && size >= 0 && position < size) {
      throw new IOException(
          "upstream ended after %d bytes (expected: %d)".formatted(position, size));
    }
    position += Math.max(count, 0);
    return count;
  }

  @Override
  public boolean isOpen() {
    return reply.isOpen();
  }

  @Override
  public void close() {
    reply.close();
  }
}
