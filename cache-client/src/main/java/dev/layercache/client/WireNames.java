package dev.layercache.client;

import build.bazel.remote.execution.v2.DigestFunction;
import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.v1.BlobDescriptor;
import java.util.UUID;

/** How blobs are named on the wire. */
final class WireNames {
  private WireNames() {}

  static build.bazel.remote.execution.v2.Digest digest(Descriptor blob) {
    return build.bazel.remote.execution.v2.Digest.newBuilder()
        .setHash(blob.digest().hex())
        .setSizeBytes(blob.size())
        .build();
  }

  static DigestFunction.Value function(DigestAlgorithm algorithm) {
    return switch (algorithm) {
      case SHA256 -> DigestFunction.Value.SHA256;
      case SHA512 -> DigestFunction.Value.SHA512;
    };
  }

  /**
   * A resource that is read. The function is left out for both algorithms: the length of the hash
   * says it (REAPI, "ContentAddressableStorage").
   */
  static String read(String instanceName, Descriptor blob) {
    return prefix(instanceName) + "blobs/" + blob.digest().hex() + '/' + blob.size();
  }

  /** A resource that is written; the same {@code upload} continues it. */
  static String write(String instanceName, UUID upload, Descriptor blob) {
    return "%suploads/%s/blobs/%s/%d"
        .formatted(prefix(instanceName), upload, blob.digest().hex(), blob.size());
  }

  /**
   * A descriptor that a server sent.
   *
   * @throws LayercacheException if it is malformed
   */
  static Descriptor descriptor(BlobDescriptor blob) throws LayercacheException {
    try {
      return new Descriptor(blob.getMediaType(), Digest.parse(blob.getDigest()), blob.getSize());
    } catch (IllegalArgumentException e) {
      throw new LayercacheException(
          Kind.FAILED, "the server sent a malformed descriptor: " + e.getMessage(), e);
    }
  }

  private static String prefix(String instanceName) {
    return instanceName.isEmpty() ? "" : instanceName + '/';
  }
}
