package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.server.blob.UsePosition;
import java.nio.ByteBuffer;

/**
 * The keys of blobs on disk; all numbers are big-endian, so that their order is that of the bytes.
 */
final class BlobKeys {
  /** Bytes of a chunk's key: blob id, then the chunk's offset in the blob. */
  static final int CHUNK_KEY = 16;

  private BlobKeys() {}

  /** Of a blob record: one byte for the algorithm, then the hash. */
  static byte[] record(Digest digest) {
    byte[] hash = digest.bytes();
    byte[] key = new byte[1 + hash.length];
    key[0] = tag(digest.algorithm());
    System.arraycopy(hash, 0, key, 1, hash.length);
    return key;
  }

  /** The digest that {@link #record} encoded. */
  static Digest digest(byte[] record) {
    var algorithm = record[0] == 1 ? DigestAlgorithm.SHA256 : DigestAlgorithm.SHA512;
    byte[] hash = new byte[record.length - 1];
    System.arraycopy(record, 1, hash, 0, hash.length);
    return Digest.fromBytes(algorithm, hash);
  }

  /** Of a blob id, in every table that is keyed by it. */
  static byte[] id(long id) {
    return ByteBuffer.allocate(8).putLong(id).array();
  }

  /** Of a blob in the order of last use. */
  static byte[] use(UsePosition position) {
    return ByteBuffer.allocate(12).putInt(position.hour()).putLong(position.id()).array();
  }

  /** The place that {@link #use} encoded. */
  static UsePosition use(byte[] key) {
    var in = ByteBuffer.wrap(key);
    return new UsePosition(in.getInt(), in.getLong());
  }

  /** An hour as a value. */
  static byte[] hour(int hour) {
    return ByteBuffer.allocate(4).putInt(hour).array();
  }

  /** The hour that {@link #hour(int)} encoded. */
  static int hour(byte[] value) {
    return ByteBuffer.wrap(value).getInt();
  }

  /** Puts the key of a chunk into {@code target}, which is cleared before and flipped after. */
  static void chunk(ByteBuffer target, long id, long offset) {
    target.clear().putLong(id).putLong(offset).flip();
  }

  private static byte tag(DigestAlgorithm algorithm) {
    return switch (algorithm) {
      case SHA256 -> 1;
      case SHA512 -> 2;
    };
  }
}
