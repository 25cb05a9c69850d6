package dev.layercache.server.prefetch;

import java.io.IOException;
import java.time.Duration;

/** Keeps images, whatever their use. */
@FunctionalInterface
public interface ImagePins {

  /** For a server that cannot pin. */
  ImagePins NONE =
      (repository, reference, length) -> {
        throw new UnsupportedOperationException("this server cannot pin images");
      };

  /**
   * Pins an image that is stored.
   *
   * @param reference a tag or a digest
   * @throws IOException if it cannot be pinned
   */
  void pin(String repository, String reference, Duration length) throws IOException;
}
