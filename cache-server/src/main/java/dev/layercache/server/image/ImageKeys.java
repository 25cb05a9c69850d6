package dev.layercache.server.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * The keys of every table of this package. They are on disk: changing one needs a new table.
 *
 * <p>Three parts, none of which can be mistaken for the beginning of another:
 *
 * <ul>
 *   <li><b>repository</b>: its name in UTF-8, then one byte 0. No name contains 0 or anything below
 *       {@code -}, so keys sort as the names do.
 *   <li><b>digest</b>: one byte for the algorithm (1 SHA-256, 2 SHA-512), then the 32 or 64 bytes
 *       of the hash.
 *   <li><b>tag</b>: its name in UTF-8, always last.
 * </ul>
 *
 * <pre>
 * TAGS       repository tag
 * MANIFESTS  repository digest-of-manifest
 * TAGGED     repository digest-of-manifest tag
 * REFERRERS  repository digest-of-subject digest-of-manifest
 * TOMBSTONES repository digest-of-blob
 * LINKS      digest-of-blob repository digest-of-manifest
 * </pre>
 */
final class ImageKeys {
  private static final byte[] NOTHING = new byte[0];
  private static final byte SEPARATOR = 0;
  private static final byte AFTER_SEPARATOR = 1;

  private ImageKeys() {}

  /** Prefix of all that a repository has, in every table but LINKS. */
  static byte[] repository(String repository) {
    return concat(repository.getBytes(UTF_8), new byte[] {SEPARATOR});
  }

  /** Where the repositories behind {@code repository} start; empty means the first of all. */
  static byte[] afterRepository(String repository) {
    return repository.isEmpty()
        ? NOTHING
        : concat(repository.getBytes(UTF_8), new byte[] {AFTER_SEPARATOR});
  }

  /** The repository that a key of any table but LINKS begins with. */
  static String repositoryOf(byte[] key) {
    return new String(key, 0, separator(key, 0), UTF_8);
  }

  static byte[] tag(String repository, String tag) {
    return concat(repository(repository), tag.getBytes(UTF_8));
  }

  /** Where the tags behind {@code tag} start; empty means the first one. */
  static byte[] afterTag(String repository, String tag) {
    return tag.isEmpty() ? NOTHING : next(tag(repository, tag));
  }

  /** The tag of a key of TAGS. */
  static String tagOf(byte[] key) {
    int start = separator(key, 0) + 1;
    return new String(key, start, key.length - start, UTF_8);
  }

  /** A key of MANIFESTS or TOMBSTONES, and the prefix of those of TAGGED and REFERRERS. */
  static byte[] digest(String repository, Digest digest) {
    return concat(repository(repository), digest(digest));
  }

  static byte[] tagged(String repository, Digest manifest, String tag) {
    return concat(digest(repository, manifest), tag.getBytes(UTF_8));
  }

  /** The tag of a key of TAGGED. */
  static String taggedTagOf(byte[] key) {
    int digest = separator(key, 0) + 1;
    int start = digest + digestLength(key, digest);
    return new String(key, start, key.length - start, UTF_8);
  }

  static byte[] referrer(String repository, Digest subject, Digest manifest) {
    return concat(digest(repository, subject), digest(manifest));
  }

  /** Where the referrers behind {@code manifest} start. */
  static byte[] afterReferrer(String repository, Digest subject, Digest manifest) {
    return next(referrer(repository, subject, manifest));
  }

  /** The manifest of a key of REFERRERS. */
  static Digest referrerOf(byte[] key) {
    int subject = separator(key, 0) + 1;
    return digestAt(key, subject + digestLength(key, subject));
  }

  static byte[] link(Digest blob, String repository, Digest manifest) {
    return concat(digest(blob), digest(repository, manifest));
  }

  /** Prefix of everything that names {@code blob}. */
  static byte[] links(Digest blob) {
    return digest(blob);
  }

  /** Prefix of what names {@code blob} in one repository. */
  static byte[] linksIn(Digest blob, String repository) {
    return concat(digest(blob), repository(repository));
  }

  /** Where what names {@code blob} in the repositories behind {@code repository} starts. */
  static byte[] linksAfter(Digest blob, String repository) {
    return concat(digest(blob), afterRepository(repository));
  }

  /** The manifest of a key of MANIFESTS. */
  static Digest manifestOf(byte[] key) {
    return digestAt(key, separator(key, 0) + 1);
  }

  /** The repository of a key of LINKS. */
  static String linkRepositoryOf(byte[] key) {
    int start = digestLength(key, 0);
    return new String(key, start, separator(key, start) - start, UTF_8);
  }

  /** The manifest of a key of LINKS. */
  static Digest linkManifestOf(byte[] key) {
    return digestAt(key, separator(key, digestLength(key, 0)) + 1);
  }

  /** The smallest key that is greater than {@code key}. */
  static byte[] next(byte[] key) {
    return Arrays.copyOf(key, key.length + 1);
  }

  /** The bytes of a digest inside keys and values. */
  static byte[] digest(Digest digest) {
    return concat(new byte[] {code(digest.algorithm())}, digest.bytes());
  }

  /** The algorithm that {@code code} stands for. */
  static DigestAlgorithm algorithm(byte code) {
    return switch (code) {
      case 1 -> DigestAlgorithm.SHA256;
      case 2 -> DigestAlgorithm.SHA512;
      default ->
          throw new IllegalArgumentException(
              "digest algorithm: %d (expected: 1 or 2)".formatted(code));
    };
  }

  private static byte code(DigestAlgorithm algorithm) {
    return switch (algorithm) {
      case SHA256 -> 1;
      case SHA512 -> 2;
    };
  }

  private static Digest digestAt(byte[] key, int start) {
    return Digest.fromBytes(
        algorithm(key[start]),
        Arrays.copyOfRange(key, start + 1, start + digestLength(key, start)));
  }

  private static int digestLength(byte[] key, int start) {
    return 1 + algorithm(key[start]).bytes();
  }

  private static int separator(byte[] key, int from) {
    for (int i = from; i < key.length; i++) {
      if (key[i] == SEPARATOR) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "key of %d bytes has no separator behind byte %d".formatted(key.length, from));
  }

  private static byte[] concat(byte[] first, byte[] second) {
    var key = new ByteArrayOutputStream(first.length + second.length);
    key.writeBytes(first);
    key.writeBytes(second);
    return key.toByteArray();
  }
}
