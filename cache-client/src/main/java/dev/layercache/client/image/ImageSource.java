package dev.layercache.client.image;

import dev.layercache.oci.Descriptor;
import java.io.IOException;
import java.io.InputStream;

/**
 * One image, or one index with all its images, that can be read. Thread-safe, since blobs are
 * pushed in parallel. Whoever opened it closes it, after every stream it gave out.
 */
public interface ImageSource extends AutoCloseable {

  /** The manifest or index that is the image; its media type is never empty. */
  Descriptor root();

  /**
   * The bytes of a manifest or index, verified against its digest and size.
   *
   * @throws IOException if it is missing, larger than {@link
   *     dev.layercache.oci.ManifestParser#MAX_BYTES}, or has another digest or size; the message
   *     names it
   */
  byte[] manifest(Descriptor descriptor) throws IOException;

  /**
   * The bytes of a blob from {@code offset} on. Not verified here: the server does.
   *
   * @return a stream that the caller closes
   * @throws IOException if it is missing or its size is not the descriptor's; the message names it
   */
  InputStream open(Descriptor descriptor, long offset) throws IOException;

  @Override
  void close() throws IOException;
}
