package dev.layercache.load.data;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import java.nio.ByteBuffer;

/**
 * A blob that is made again whenever its bytes are needed.
 *
 * @param seed of its {@link UniqueBytes}
 * @param size in bytes
 * @param texture whether its bytes compress
 * @param digest SHA-256, known before it is sent
 */
public record Blob(long seed, long size, Texture texture, Digest digest) {
  private static final int STEP = 64 << 10;

  /** One that does not compress. */
  public static Blob of(long seed, long size) {
    return of(seed, size, Texture.NOISE);
  }

  /** Makes the bytes once, to find the digest. */
  public static Blob of(long seed, long size, Texture texture) {
    var bytes = new UniqueBytes(seed, texture);
    var hash = DigestAlgorithm.SHA256.newHash();
    var buffer = ByteBuffer.allocate((int) Math.min(STEP, size));
    for (long left = size; left > 0; left -= buffer.limit()) {
      buffer.clear().limit((int) Math.min(left, buffer.capacity()));
      bytes.fill(buffer);
      hash.update(buffer.flip());
    }
    return new Blob(seed, size, texture, Digest.of(DigestAlgorithm.SHA256, hash));
  }

  /** Its bytes, from the first. */
  public UniqueBytes bytes() {
    return new UniqueBytes(seed, texture);
  }

  /** All of its bytes; for small blobs only. */
  public byte[] content() {
    var content = new byte[Math.toIntExact(size)];
    bytes().fill(ByteBuffer.wrap(content));
    return content;
  }
}
