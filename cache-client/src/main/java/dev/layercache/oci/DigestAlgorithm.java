package dev.layercache.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/** The registered digest algorithms (OCI image-spec, "Digests"). */
public enum DigestAlgorithm {
  SHA256("sha256", "SHA-256", 32),
  SHA512("sha512", "SHA-512", 64);

  private final String prefix;
  private final String jcaName;
  private final int bytes;

  DigestAlgorithm(String prefix, String jcaName, int bytes) {
    this.prefix = prefix;
    this.jcaName = jcaName;
    this.bytes = bytes;
  }

  /** As it stands before the colon: {@code sha256}. */
  public String prefix() {
    return prefix;
  }

  /** Length of a hash in bytes; its hex is twice as long. */
  public int bytes() {
    return bytes;
  }

  /** A new, empty hash. Not thread-safe, as every {@link MessageDigest}. */
  public MessageDigest newHash() {
    try {
      return MessageDigest.getInstance(jcaName);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has " + jcaName, e);
    }
  }

  /**
   * The algorithm that stands before the colon as {@code prefix}; empty when it is not one of
   * these.
   */
  public static Optional<DigestAlgorithm> byPrefix(String prefix) {
    for (var algorithm : values()) {
      if (algorithm.prefix.equals(prefix)) {
        return Optional.of(algorithm);
      }
    }
    return Optional.empty();
  }
}
