package dev.layercache.server.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * How much is stored. Changed with every batch, in the same write, so that it is right after any
 * crash.
 */
final class Counters {
  /** Its key in the default column family. */
  static final byte[] KEY = "usage".getBytes(StandardCharsets.US_ASCII);

  private volatile Delta now;

  Counters(Delta now) {
    this.now = now;
  }

  /** Blobs and bytes, as a state or as a change. */
  record Delta(long blobs, long bytes) {
    static final Delta NONE = new Delta(0, 0);

    Delta plus(Delta other) {
      return new Delta(blobs + other.blobs, bytes + other.bytes);
    }

    static Delta decode(byte[] value) {
      var in = ByteBuffer.wrap(value);
      return new Delta(in.getLong(), in.getLong());
    }
  }

  Delta now() {
    return now;
  }

  byte[] encodeAfter(Delta change) {
    var after = now.plus(change);
    return ByteBuffer.allocate(16).putLong(after.blobs()).putLong(after.bytes()).array();
  }

  /** Only the committer's thread calls this. */
  void apply(Delta change) {
    now = now.plus(change);
  }
}
