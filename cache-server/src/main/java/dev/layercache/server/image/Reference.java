package dev.layercache.server.image;

import dev.layercache.oci.Digest;

/**
 * What a stored manifest needs of something that it names.
 *
 * @param digest names it
 * @param need what must hold for the manifest to be served
 */
record Reference(Digest digest, Need need) {
  /** The order is on disk. */
  enum Need {
    /** A blob that must be stored. */
    BLOB,
    /** A manifest: stored, and deliverable itself as long as the repository has it. */
    MANIFEST,
    /** A layer that clients may get elsewhere. */
    NOTHING
  }
}
