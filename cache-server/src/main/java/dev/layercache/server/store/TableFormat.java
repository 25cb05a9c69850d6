package dev.layercache.server.store;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * The parts of RocksDB's block-based table format, version 5, that a segment's file consists of
 * besides its chunks. RocksDB's own writer is not used for these files because it drops each file
 * from the page cache while it writes it and cannot be told not to, which cost a third of the CPU
 * time of a push; what is written here RocksDB ingests, reads and checks like any other table.
 *
 * <p>A block is entries (shared key bytes, other key bytes, value bytes as varints; key; value),
 * the positions of its restart points and their number; a trailer follows: 0 for "not compressed",
 * and the {@link BlockChecksum} of the block and that byte. Numbers are little-endian.
 */
final class TableFormat {
  /** Of the tag and the checksum behind each block. */
  static final int TRAILER = 5;

  /** Bytes that an entry of the index takes at most. */
  static final int INDEX_ENTRY = 3 + SegmentLayout.INTERNAL_KEY + 10 + 5 + 4;

  /** Bytes that everything behind the chunks takes at most, without the index and padding. */
  static final int REST = 2 << 10;

  private static final int FOOTER = 53;
  private static final int FOOTER_HANDLES = 40;
  private static final int VERSION = 5;
  private static final long MAGIC = 0x88e241b785f4cff7L;

  private TableFormat() {}

  /** Where a block is. */
  private record Handle(long position, long bytes) {
    byte[] encode() {
      var out = ByteBuffer.allocate(20);
      putVarint(out, position);
      putVarint(out, bytes);
      var encoded = new byte[out.position()];
      out.flip().get(encoded);
      return encoded;
    }
  }

  /**
   * Puts the end of a file: index, properties, metaindex and footer, padded so that the file ends
   * on a page.
   *
   * @param target its position 0 is at {@code start} in the file, a multiple of a page
   * @param segment all of it
   * @param checksum of all blocks
   */
  static void putEnd(
      ByteBuffer target, long start, long blobId, Segment segment, BlockChecksum checksum) {
    long tail = start + target.position();
    var index = putIndex(target, start, blobId, segment, checksum);
    var properties = putProperties(target, start, segment, index.bytes, tail, checksum);
    var metaindex = new Block(target, start, checksum);
    metaindex.put("rocksdb.properties".getBytes(StandardCharsets.US_ASCII), properties.encode());
    putFooter(target, metaindex.end(), index, checksum);
  }

  private static Handle putIndex(
      ByteBuffer target, long start, long blobId, Segment segment, BlockChecksum checksum) {
    var block = new Block(target, start, checksum);
    var key = ByteBuffer.allocate(SegmentLayout.INTERNAL_KEY);
    for (long at = 0; at < segment.length(); at += SegmentLayout.CHUNK) {
      int length = SegmentLayout.chunkLength(segment.length(), at);
      SegmentLayout.putKey(key.clear(), blobId, segment.offset() + at);
      var handle = new Handle(SegmentLayout.block(at, length), SegmentLayout.blockBytes(length));
      block.put(key.array(), handle.encode());
    }
    return block.end();
  }

  private static Handle putProperties(
      ByteBuffer target,
      long start,
      Segment segment,
      long indexBytes,
      long tail,
      BlockChecksum checksum) {
    long chunks = (segment.length() + SegmentLayout.CHUNK - 1) / SegmentLayout.CHUNK;
    Map<String, byte[]> properties = new TreeMap<>();
    properties.put("rocksdb.block.based.table.index.type", new byte[4]);
    properties.put("rocksdb.comparator", text("leveldb.BytewiseComparator"));
    properties.put("rocksdb.compression", text("NoCompression"));
    properties.put("rocksdb.data.size", number(tail));
    properties.put("rocksdb.external_sst_file.global_seqno", new byte[8]);
    properties.put("rocksdb.external_sst_file.version", new byte[] {2, 0, 0, 0});
    properties.put("rocksdb.index.size", number(indexBytes));
    properties.put("rocksdb.key.largest.seqno", number(0));
    properties.put("rocksdb.key.smallest.seqno", number(0));
    properties.put("rocksdb.num.data.blocks", number(chunks));
    properties.put("rocksdb.num.entries", number(chunks));
    properties.put("rocksdb.raw.key.size", number(chunks * SegmentLayout.INTERNAL_KEY));
    properties.put("rocksdb.raw.value.size", number(segment.length()));
    properties.put("rocksdb.tail.start.offset", number(tail));
    var block = new Block(target, start, checksum);
    properties.forEach((name, value) -> block.put(text(name), value));
    return block.end();
  }

  private static void putFooter(
      ByteBuffer target, Handle metaindex, Handle index, BlockChecksum checksum) {
    int end = roundUp(target.position() + FOOTER);
    pad(target, end - FOOTER);
    target.put(checksum.number());
    int handles = target.position();
    target.put(metaindex.encode()).put(index.encode());
    pad(target, handles + FOOTER_HANDLES);
    putInt(target, VERSION);
    putInt(target, (int) MAGIC);
    putInt(target, (int) (MAGIC >>> 32));
  }

  /**
   * Puts what follows a block that begins at {@code from} and ends at the target's position: the
   * tag and the checksum.
   */
  static void putTrailer(ByteBuffer target, int from, BlockChecksum checksum) {
    target.put((byte) 0);
    putInt(target, checksum.of(target.duplicate().flip().position(from)));
  }

  /** The next multiple of a page. */
  static int roundUp(int bytes) {
    return (bytes + SegmentLayout.PAGE - 1) & -SegmentLayout.PAGE;
  }

  /** Puts zeros up to {@code position}. */
  static void pad(ByteBuffer target, int position) {
    while (target.position() < position) {
      target.put((byte) 0);
    }
  }

  static void putInt(ByteBuffer target, int value) {
    target.putInt(target.order() == ByteOrder.BIG_ENDIAN ? Integer.reverseBytes(value) : value);
  }

  static void putVarint(ByteBuffer target, long value) {
    long rest = value;
    while (rest >= 0x80) {
      target.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    target.put((byte) rest);
  }

  static int varintBytes(long value) {
    return (Long.SIZE - Long.numberOfLeadingZeros(value | 1) + 6) / 7;
  }

  private static byte[] text(String value) {
    return value.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] number(long value) {
    var out = ByteBuffer.allocate(varintBytes(value));
    putVarint(out, value);
    return out.array();
  }

  /** A block in the making, every entry of which is a restart point. */
  private static final class Block {
    private final ByteBuffer target;
    private final long start;
    private final BlockChecksum checksum;
    private final int from;
    private final ByteBuffer restarts = ByteBuffer.allocate(MAX_ENTRIES * 4);

    private static final int MAX_ENTRIES = 8 << 10;

    Block(ByteBuffer target, long start, BlockChecksum checksum) {
      this.target = target;
      this.start = start;
      this.checksum = checksum;
      this.from = target.position();
    }

    void put(byte[] key, byte[] value) {
      putInt(restarts, target.position() - from);
      target.put((byte) 0);
      putVarint(target, key.length);
      putVarint(target, value.length);
      target.put(key).put(value);
    }

    Handle end() {
      int count = restarts.flip().remaining() / 4;
      target.put(restarts);
      putInt(target, count);
      int bytes = target.position() - from;
      putTrailer(target, from, checksum);
      return new Handle(start + from, bytes);
    }
  }
}
