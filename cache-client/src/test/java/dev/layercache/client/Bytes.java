package dev.layercache.client;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import java.util.Random;

/** Content for tests. */
final class Bytes {
  private Bytes() {}

  /** The same bytes for the same seed, and unlike those of another. */
  static byte[] random(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static Descriptor layer(byte[] content) {
    return new Descriptor(MediaTypes.OCI_LAYER, Digest.of(content), content.length);
  }
}
