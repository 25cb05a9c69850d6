package dev.layercache.server.image;

import dev.layercache.oci.Digest;

/**
 * What a stored manifest needs of something that it names.
 *
 * @param digest names it
 * @param need what must hold for the manifest to be served
 */
record Reference(Digest digest, Need need) {
  /** The codes are on disk. */
  enum Need {
    /** A blob that must be stored. */
    BLOB(0),
    /** A manifest: stored, and deliverable itself as long as the repository has it. */
    MANIFEST(1),
    /** A layer that clients may get elsewhere. */
    NOTHING(2);

    private final byte code;

    Need(int code) {
      this.code = (byte) code;
    }

    byte code() {
      return code;
    }

    static Need of(byte code) {
      return switch (code) {
        case 0 -> BLOB;
        case 1 -> MANIFEST;
        case 2 -> NOTHING;
        default ->
            throw new IllegalArgumentException(
                "need of a reference: %d (expected: 0 to 2)".formatted(code));
      };
    }
  }
}
