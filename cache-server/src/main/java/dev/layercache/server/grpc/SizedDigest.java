package dev.layercache.server.grpc;

import build.bazel.remote.execution.v2.DigestFunction;
import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import io.grpc.StatusException;

/**
 * What REAPI calls a digest: the hash and the size together name a blob. A stored blob with this
 * hash and another size is not the one that is named.
 *
 * @param digest the hash; {@link Digest#EMPTY} for the empty blob of every algorithm
 * @param size bytes, at least 0
 */
record SizedDigest(Digest digest, long size) {
  private static final Digest EMPTY_SHA512 =
      Digest.of(DigestAlgorithm.SHA512, DigestAlgorithm.SHA512.newHash());

  /** Reads a digest of a message. */
  static SizedDigest of(DigestFunction.Value function, build.bazel.remote.execution.v2.Digest wire)
      throws StatusException {
    return of(algorithm(function, wire.getHash()), wire.getHash(), wire.getSizeBytes());
  }

  static SizedDigest of(DigestAlgorithm algorithm, String hash, long size) throws StatusException {
    try {
      var digest = new Digest(algorithm, hash);
      if (size < 0) {
        throw GrpcErrors.invalid("digest %s has size %d (expected: at least 0)", hash, size);
      }
      return new SizedDigest(digest.equals(EMPTY_SHA512) ? Digest.EMPTY : digest, size);
    } catch (IllegalArgumentException e) {
      throw GrpcErrors.invalid(e);
    }
  }

  /**
   * The algorithm that a request names. A hash alone does not tell SHA-256 from BLAKE3, so its
   * length counts only when no function is named (REAPI, "digest_function").
   */
  private static DigestAlgorithm algorithm(DigestFunction.Value function, String hash)
      throws StatusException {
    return switch (function) {
      case SHA256 -> DigestAlgorithm.SHA256;
      case SHA512 -> DigestAlgorithm.SHA512;
      case UNKNOWN -> byLength(hash);
      default ->
          throw GrpcErrors.invalid(
              "digest function %s is not supported (expected: SHA256 or SHA512)", function);
    };
  }

  /** The algorithm of a hash that stands alone. */
  static DigestAlgorithm byLength(String hash) {
    return hash.length() == 2 * DigestAlgorithm.SHA512.bytes()
        ? DigestAlgorithm.SHA512
        : DigestAlgorithm.SHA256;
  }

  /** {@code ALGORITHM:HEX/SIZE}. */
  @Override
  public String toString() {
    return digest + "/" + size;
  }
}
