package dev.layercache.client.image;

import dev.layercache.oci.Descriptor;
import java.io.IOException;
import java.util.Optional;

/**
 * Where an image is written to. Thread-safe, since blobs are pulled in parallel. Whoever opened it
 * closes it; without {@link #finish} the image is not there, but blobs that were committed may be
 * found again by a later attempt.
 */
public interface ImageDestination extends AutoCloseable {

  /** Whether this blob or manifest is there already, whole and right. May read it to make sure. */
  boolean has(Descriptor descriptor) throws IOException;

  /**
   * Begins to write a blob or manifest, or goes on where an earlier attempt was interrupted.
   *
   * @return to be committed and closed by the caller
   */
  PartialBlob begin(Descriptor descriptor) throws IOException;

  /**
   * Names the image, once everything it consists of was committed.
   *
   * @param root the manifest or index that is the image
   * @param tag what it is to be called, if anything
   */
  void finish(Descriptor root, Optional<String> tag) throws IOException;

  @Override
  void close() throws IOException;
}
