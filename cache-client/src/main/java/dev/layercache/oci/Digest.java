package dev.layercache.oci;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Names content by its hash: {@code sha256:HEX} (OCI image-spec, "Digests"). The size is beside a
 * digest, never in it.
 *
 * <p>An immutable value. It holds the hash as numbers: a server compares and looks up millions of
 * digests a second and prints few of them.
 */
public final class Digest implements Comparable<Digest> {
  private static final long[] NONE = {};
  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** The value of each lower-case hex digit, -1 for every other character below 128. */
  private static final byte[] VALUES = new byte[128];

  static {
    Arrays.fill(VALUES, (byte) -1);
    for (byte i = 0; i < DIGITS.length; i++) {
      VALUES[DIGITS[i]] = i;
    }
  }

  /** The blob of no bytes. */
  public static final Digest EMPTY = of(new byte[0]);

  private final DigestAlgorithm algorithm;
  private final long word0;
  private final long word1;
  private final long word2;
  private final long word3;

  /** The words after the fourth, of a hash longer than 32 bytes. */
  private final long[] more;

  /**
   * @param algorithm how the hash is computed
   * @param hex the hash, lower-case, exactly twice {@link DigestAlgorithm#bytes} characters
   * @throws IllegalArgumentException if {@code hex} is not a hash of {@code algorithm}; the message
   *     says what is wrong
   */
  public Digest(DigestAlgorithm algorithm, String hex) {
    if (hex.length() != 2 * algorithm.bytes()) {
      throw new IllegalArgumentException(
          "digest hash has %d characters (expected: %d for %s): %s"
              .formatted(hex.length(), 2 * algorithm.bytes(), algorithm.prefix(), brief(hex)));
    }
    this.algorithm = algorithm;
    this.word0 = parseWord(hex, 0);
    this.word1 = parseWord(hex, 1);
    this.word2 = parseWord(hex, 2);
    this.word3 = parseWord(hex, 3);
    this.more = algorithm.bytes() == 4 * Long.BYTES ? NONE : new long[words(algorithm) - 4];
    for (int i = 0; i < more.length; i++) {
      more[i] = parseWord(hex, 4 + i);
    }
  }

  private Digest(DigestAlgorithm algorithm, ByteBuffer hash) {
    if (hash.remaining() != algorithm.bytes()) {
      throw new IllegalArgumentException(
          "digest hash has %d bytes (expected: %d for %s)"
              .formatted(hash.remaining(), algorithm.bytes(), algorithm.prefix()));
    }
    this.algorithm = algorithm;
    this.word0 = hash.getLong();
    this.word1 = hash.getLong();
    this.word2 = hash.getLong();
    this.word3 = hash.getLong();
    this.more = algorithm.bytes() == 4 * Long.BYTES ? NONE : new long[words(algorithm) - 4];
    for (int i = 0; i < more.length; i++) {
      more[i] = hash.getLong();
    }
  }

  private static int words(DigestAlgorithm algorithm) {
    return algorithm.bytes() / Long.BYTES;
  }

  private static long parseWord(String hex, int index) {
    long word = 0;
    for (int i = 16 * index; i < 16 * index + 16; i++) {
      char c = hex.charAt(i);
      int value = c < VALUES.length ? VALUES[c] : -1;
      if (value < 0) {
        throw new IllegalArgumentException(
            "digest hash has a character that is not lower-case hex at position %d: %s"
                .formatted(i, brief(hex)));
      }
      word = word << 4 | value;
    }
    return word;
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
    return new Digest(algorithm, ByteBuffer.wrap(hash));
  }

  /** How the hash is computed. */
  public DigestAlgorithm algorithm() {
    return algorithm;
  }

  /** The hash in lower-case hex; a new string. */
  public String hex() {
    byte[] text = new byte[2 * algorithm.bytes()];
    for (int i = 0; i < text.length; i++) {
      text[i] = DIGITS[(int) (word(i / 16) >>> (60 - 4 * (i % 16))) & 15];
    }
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** The raw bytes of the hash; a new array. */
  public byte[] bytes() {
    var bytes = ByteBuffer.allocate(algorithm.bytes());
    for (int i = 0; i < words(algorithm); i++) {
      bytes.putLong(word(i));
    }
    return bytes.array();
  }

  /**
   * Eight bytes of the hash as a big-endian number. Hashes are uniform, so a table in memory can
   * use it as it is.
   *
   * @param index from 0; a SHA-256 digest has four
   */
  public long word(int index) {
    return switch (index) {
      case 0 -> word0;
      case 1 -> word1;
      case 2 -> word2;
      case 3 -> word3;
      default -> more[index - 4];
    };
  }

  /** {@code ALGORITHM:HEX}. */
  @Override
  public String toString() {
    return algorithm.prefix() + ':' + hex();
  }

  /** By algorithm, then by hash. */
  @Override
  public int compareTo(Digest other) {
    int order = algorithm.compareTo(other.algorithm);
    for (int i = 0; order == 0 && i < words(algorithm); i++) {
      order = Long.compareUnsigned(word(i), other.word(i));
    }
    return order;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Digest digest
        && word0 == digest.word0
        && word1 == digest.word1
        && word2 == digest.word2
        && word3 == digest.word3
        && algorithm == digest.algorithm
        && Arrays.equals(more, digest.more);
  }

  @Override
  public int hashCode() {
    return (int) word3;
  }

  private static String brief(String text) {
    return text.length() <= 160 ? text : text.substring(0, 160) + "...";
  }
}
