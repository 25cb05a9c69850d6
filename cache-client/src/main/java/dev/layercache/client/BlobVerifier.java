package dev.layercache.client;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** Checks that bytes seen in order are those of a descriptor. Not thread-safe. */
final class BlobVerifier {
  private final Descriptor expected;
  private final MessageDigest hash;
  private long position;

  BlobVerifier(Descriptor expected) {
    this.expected = expected;
    this.hash = expected.digest().algorithm().newHash();
  }

  /** Bytes seen so far. */
  long position() {
    return position;
  }

  /** Sees the remaining bytes; does not consume them. */
  void see(ByteBuffer bytes) {
    position += bytes.remaining();
    hash.update(bytes.duplicate());
  }

  /**
   * To be called once, at the end.
   *
   * @throws LayercacheException if size or digest differ
   */
  void verify() throws LayercacheException {
    if (position != expected.size()) {
      throw new LayercacheException(
          LayercacheException.Kind.CORRUPT,
          "content of %s has %d bytes (expected: %d)"
              .formatted(expected.digest(), position, expected.size()));
    }
    Digest actual = Digest.of(expected.digest().algorithm(), hash);
    if (!actual.equals(expected.digest())) {
      throw new LayercacheException(
          LayercacheException.Kind.CORRUPT,
          "downloaded bytes have digest %s (expected: %s)".formatted(actual, expected.digest()));
    }
  }
}
