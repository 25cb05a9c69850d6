package dev.layercache.oci;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Names content by its hash: {@code sha256:HEX} (OCI image-spec, "Digests"). The size is beside a
 * digest, never in it.
 *
 * @param algorithm how the hash is computed
 * @param hex the hash, lower-case, exactly twice {@link DigestAlgorithm#bytes} characters
 */
public record Digest(DigestAlgorithm algorithm, String hex) implements Comparable<Digest> {

  /** The blob of no bytes. */
  public static final Digest EMPTY = of(new byte[0]);

  /**
   * @throws IllegalArgumentException if {@code hex} is not a hash of {@code algorithm}; the message
   *     says what is wrong
   */
  public Digest {
    if (hex.length() != 2 * algorithm.bytes()) {
      throw new IllegalArgumentException(
          "digest hash has %d characters (expected: %d for %s): %s"
              .formatted(hex.length(), 2 * algorithm.bytes(), algorithm.prefix(), brief(hex)));
    }
    for (int i = 0; i < hex.length(); i++) {
      char c = hex.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        throw new IllegalArgumentException(
            "digest hash has a character that is not lower-case hex at position %d: %s"
                .formatted(i, brief(hex)));
      }
    }
  }

  /**
   * Reads {@code ALGORITHM:HEX}.
   *
   * @throws IllegalArgumentException if it is not of that form or the algorithm is not registered
   */
  public static Digest parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException(
          "digest has no colon (expected: sha256:HEX): " + brief(text));
    }
    var algorithm =
        DigestAlgorithm.byPrefix(text.substring(0, colon))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "digest algorithm is not supported (expected: sha256 or sha512): "
                            + brief(text)));
    return new Digest(algorithm, text.substring(colon + 1));
  }

  /** The SHA-256 digest whose hash is {@code hex}. */
  public static Digest sha256(String hex) {
    return new Digest(DigestAlgorithm.SHA256, hex);
  }

  /** What {@code hash} has seen so far, as a digest; resets it. */
  public static Digest of(DigestAlgorithm algorithm, MessageDigest hash) {
    return fromBytes(algorithm, hash.digest());
  }

  /** The SHA-256 digest of {@code content}. */
  public static Digest of(byte[] content) {
    return of(ByteBuffer.wrap(content));
  }

  /** The SHA-256 digest of the remaining bytes of {@code content}, which are consumed. */
  public static Digest of(ByteBuffer content) {
    var hash = DigestAlgorithm.SHA256.newHash();
    hash.update(content);
    return of(DigestAlgorithm.SHA256, hash);
  }

  /** A digest from the raw bytes of its hash. */
  public static Digest fromBytes(DigestAlgorithm algorithm, byte[] hash) {
    return new Digest(algorithm, HexFormat.of().formatHex(hash));
  }

  /** The raw bytes of the hash; a new array. */
  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  /** {@code ALGORITHM:HEX}. */
  @Override
  public String toString() {
    return algorithm.prefix() + ':' + hex;
  }

  @Override
  public int compareTo(Digest other) {
    int byAlgorithm = algorithm.compareTo(other.algorithm);
    return byAlgorithm != 0 ? byAlgorithm : hex.compareTo(other.hex);
  }

  private static String brief(String text) {
    return text.length() <= 160 ? text : text.substring(0, 160) + "...";
  }
}
