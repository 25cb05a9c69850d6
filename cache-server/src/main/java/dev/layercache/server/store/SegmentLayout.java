package dev.layercache.server.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Where the bytes of a chunk lie in a segment's file. A segment is a table of RocksDB's with one
 * chunk in each block, so every chunk is contiguous; each begins on a page, so that it goes from
 * the buffer that it was gathered in to the disk without being copied. The page before it ends with
 * what its block begins with: three varints (shared key bytes, other key bytes, value bytes) and
 * the key. Behind it come 8 bytes of restart points and 5 bytes of compression tag and checksum.
 *
 * <p>{@link #isProven} reads back what is computed here; nothing is served by position that was not
 * proven: files from before version 2 of the data directory were packed more tightly.
 */
final class SegmentLayout {
  /**
   * Bytes of a chunk. Reading costs least CPU per byte at this size (values of 64 KiB: 0.27 s/GiB,
   * 256 KiB: 0.185, 1 MiB: 0.26).
   */
  static final int CHUNK = 256 << 10;

  /** What direct I/O wants positions, lengths and addresses to be multiples of. */
  static final int PAGE = 4 << 10;

  /** Key of a chunk, then its sequence number and type. */
  static final int INTERNAL_KEY = BlobKeys.CHUNK_KEY + 8;

  /** Restart points, behind a chunk and within its block. */
  static final int RESTARTS = 8;

  private static final int STRIDE = CHUNK + PAGE;

  private SegmentLayout() {}

  /**
   * Position in the file of the first byte of the chunk that starts {@code inSegment} bytes into
   * the segment.
   */
  static long position(long inSegment) {
    return inSegment / CHUNK * STRIDE + PAGE;
  }

  /** Position in the file of the block of that chunk, which is {@code length} bytes long. */
  static long block(long inSegment, int length) {
    return position(inSegment) - headerBytes(length);
  }

  /** Bytes of a block without its tag and checksum. */
  static int blockBytes(int chunkLength) {
    return headerBytes(chunkLength) + chunkLength + RESTARTS;
  }

  /**
   * Bytes of the chunk that starts {@code inSegment} bytes into a segment of {@code segmentLength}
   * bytes.
   */
  static int chunkLength(long segmentLength, long inSegment) {
    return (int) Math.min(CHUNK, segmentLength - inSegment);
  }

  /** Bytes of a block before its chunk. */
  static int headerBytes(int chunkLength) {
    return 1 + 1 + TableFormat.varintBytes(chunkLength) + INTERNAL_KEY;
  }

  /** Puts what a block begins with: {@link #headerBytes} bytes. */
  static void putHeader(ByteBuffer target, long blobId, long offset, int chunkLength) {
    target.put((byte) 0).put((byte) INTERNAL_KEY);
    TableFormat.putVarint(target, chunkLength);
    putKey(target, blobId, offset);
  }

  /** Puts the key of a chunk with sequence number 0 and type "value", little-endian. */
  static void putKey(ByteBuffer target, long blobId, long offset) {
    target.putLong(blobId).putLong(offset).put((byte) 1).put(new byte[7]);
  }

  /**
   * Whether the first and the last chunk of a finished segment lie where {@link #position} says:
   * then all do.
   */
  static boolean isProven(FileChannel file, Segment segment, long blobId) throws IOException {
    long last = (segment.length() - 1) / CHUNK * CHUNK;
    return isChunkAt(file, segment, blobId, 0) && isChunkAt(file, segment, blobId, last);
  }

  private static boolean isChunkAt(FileChannel file, Segment segment, long blobId, long inSegment)
      throws IOException {
    int length = chunkLength(segment.length(), inSegment);
    var expected = ByteBuffer.allocate(headerBytes(length));
    putHeader(expected, blobId, segment.offset() + inSegment, length);
    var found = ByteBuffer.allocate(expected.position());
    long position = block(inSegment, length);
    while (found.hasRemaining()) {
      if (file.read(found, position + found.position()) < 0) {
        return false;
      }
    }
    return found.flip().equals(expected.flip());
  }
}
