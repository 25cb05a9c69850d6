package dev.layercache.server.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The ingested file of a segment, read by position. Opened for one reader, who closes it; an open
 * one outlives the deletion of its file. Not thread-safe, but may be closed by another thread.
 */
final class SegmentFile implements Closeable {
  private static final int TRAILER = SegmentLayout.RESTARTS + TableFormat.TRAILER;
  private static final int CHECKSUM = TRAILER - Integer.BYTES;

  private final FileChannel channel;
  private final Segment segment;
  private final long blobId;
  private final boolean proven;
  private final ByteBuffer edges = ByteBuffer.allocateDirect(64).order(ByteOrder.LITTLE_ENDIAN);

  /** The one that was right last. */
  private BlockChecksum checksum = BlockChecksum.CRC32C;

  private SegmentFile(FileChannel channel, Segment segment, long blobId) throws IOException {
    this.channel = channel;
    this.segment = segment;
    this.blobId = blobId;
    this.proven = SegmentLayout.isProven(channel, segment, blobId);
  }

  static SegmentFile open(Path path, Segment segment, long blobId) throws IOException {
    var channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new SegmentFile(channel, segment, blobId);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Whether its chunks lie where {@link SegmentLayout} says; nothing else may be asked if not. */
  boolean isProven() {
    return proven;
  }

  FileChannel channel() {
    return channel;
  }

  /**
   * Reads the chunk that starts {@code inSegment} bytes into the segment, and checks it.
   *
   * @param target room for exactly that chunk, which fills it
   * @return whether its checksum is right
   */
  boolean read(long inSegment, ByteBuffer target) throws IOException {
    int length = target.remaining();
    long position = SegmentLayout.position(inSegment);
    var chunk = target.duplicate();
    if (!fill(target, position) || !fill(edges.clear().limit(TRAILER), position + length)) {
      return false;
    }
    int stored = edges.getInt(CHECKSUM);
    var behind = edges.slice(0, CHECKSUM);
    var before = ByteBuffer.allocate(SegmentLayout.headerBytes(length));
    SegmentLayout.putHeader(before, blobId, segment.offset() + inSegment, length);
    return isChecksum(stored, before.flip(), chunk, behind);
  }

  /**
   * Whether it is that of the parts by either checksum. The footer says by which, but one flipped
   * bit there must not cost a blob whose bytes are right.
   */
  private boolean isChecksum(int stored, ByteBuffer... parts) {
    if (checksum.of(parts) == stored) {
      return true;
    }
    for (var other : BlockChecksum.values()) {
      if (other.of(parts) == stored) {
        checksum = other;
        return true;
      }
    }
    return false;
  }

  private boolean fill(ByteBuffer target, long position) throws IOException {
    long next = position;
    while (target.hasRemaining()) {
      int bytes = channel.read(target, next);
      if (bytes < 0) {
        return false;
      }
      next += bytes;
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
