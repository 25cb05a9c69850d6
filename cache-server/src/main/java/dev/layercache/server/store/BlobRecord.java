package dev.layercache.server.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What is stored under a blob's digest. The first byte on disk tells the three kinds apart. */
sealed interface BlobRecord {

  byte[] encode();

  /** A blob, and not merely a name of one. */
  sealed interface Stored extends BlobRecord {
    /** Its id, by which its bytes are found. */
    long id();

    /** Bytes. */
    long size();
  }

  /** A blob whose bytes are one value, under its id. */
  record Small(long id, long size) implements Stored {
    @Override
    public byte[] encode() {
      return ByteBuffer.allocate(1 + 16).put((byte) 1).putLong(id).putLong(size).array();
    }
  }

  /** A blob whose bytes are chunks in segments, under its id. */
  record Large(long id, long size, List<Segment> segments) implements Stored {
    public Large {
      segments = List.copyOf(segments);
    }

    @Override
    public byte[] encode() {
      var out = ByteBuffer.allocate(1 + 16 + 4 + segments.size() * 24);
      out.put((byte) 2).putLong(id).putLong(size);
      putSegments(out, segments);
      return out.array();
    }
  }

  /** Another name of the blob with this SHA-256 record key. */
  record Alias(byte[] canonical) implements BlobRecord {
    @Override
    public byte[] encode() {
      return ByteBuffer.allocate(1 + canonical.length).put((byte) 3).put(canonical).array();
    }
  }

  /** The files that hold the bytes of a blob, below the data directory: the first eight. */
  static String filesOf(BlobRecord blob) {
    return switch (blob) {
      case Small small -> "db/*.blob or db/*.sst of column family small, id " + small.id;
      case Alias alias -> "no file";
      case Large large ->
          large.segments.stream()
              .limit(8)
              .map(
                  segment ->
                      segment.file() < 0 ? "db/?.sst" : "db/%06d.sst".formatted(segment.file()))
              .collect(Collectors.joining(", "));
    };
  }

  static BlobRecord decode(byte[] bytes) {
    var in = ByteBuffer.wrap(bytes);
    return switch (in.get()) {
      case 1 -> new Small(in.getLong(), in.getLong());
      case 2 -> new Large(in.getLong(), in.getLong(), getSegments(in));
      case 3 -> {
        byte[] canonical = new byte[in.remaining()];
        in.get(canonical);
        yield new Alias(canonical);
      }
      default ->
          throw new IllegalStateException("blob record of unknown kind %d".formatted(bytes[0]));
    };
  }

  static void putSegments(ByteBuffer out, List<Segment> segments) {
    out.putInt(segments.size());
    for (var segment : segments) {
      out.putLong(segment.offset()).putLong(segment.length()).putLong(segment.file());
    }
  }

  static List<Segment> getSegments(ByteBuffer in) {
    int count = in.getInt();
    var segments = new ArrayList<Segment>(count);
    for (int i = 0; i < count; i++) {
      segments.add(new Segment(in.getLong(), in.getLong(), in.getLong()));
    }
    return segments;
  }
}
