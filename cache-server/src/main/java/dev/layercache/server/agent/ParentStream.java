package dev.layercache.server.agent;

import dev.layercache.server.fill.OriginStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** A blob as the parent sends it. */
final class ParentStream implements OriginStream {
  private final ReadableByteChannel channel;
  private final long size;
  private final long offset;

  /**
   * @param channel at {@code offset}; becomes this stream's
   */
  ParentStream(ReadableByteChannel channel, long size, long offset) {
    this.channel = channel;
    this.size = size;
    this.offset = offset;
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
    return channel.read(target);
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
