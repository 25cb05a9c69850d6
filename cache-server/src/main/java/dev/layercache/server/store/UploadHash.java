package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Hashes an upload as it streams: always SHA-256, and SHA-512 when it was announced. Not
 * thread-safe.
 */
final class UploadHash {
  private final MessageDigest sha256 = DigestAlgorithm.SHA256.newHash();
  private final @Nullable MessageDigest sha512;

  UploadHash(Optional<Digest> announced) {
    sha512 =
        announced.filter(digest -> digest.algorithm() == DigestAlgorithm.SHA512).isPresent()
            ? DigestAlgorithm.SHA512.newHash()
            : null;
  }

  /** Whether {@link #finish} will know the digest by {@code algorithm}. */
  boolean knows(DigestAlgorithm algorithm) {
    return algorithm == DigestAlgorithm.SHA256 || sha512 != null;
  }

  /** Takes the remaining bytes, and leaves the buffer's position as it was. */
  void update(ByteBuffer bytes) {
    sha256.update(bytes.duplicate());
    if (sha512 != null) {
      sha512.update(bytes.duplicate());
    }
  }

  /** The digests of all bytes; call once. */
  Digests finish() {
    return new Digests(
        Digest.of(DigestAlgorithm.SHA256, sha256),
        Optional.ofNullable(sha512).map(hash -> Digest.of(DigestAlgorithm.SHA512, hash)));
  }

  /** What the bytes of an upload hash to. */
  record Digests(Digest sha256, Optional<Digest> sha512) {
    Digest by(DigestAlgorithm algorithm) {
      return algorithm == DigestAlgorithm.SHA256 ? sha256 : sha512.orElseThrow();
    }
  }
}
