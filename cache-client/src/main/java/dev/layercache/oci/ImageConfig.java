package dev.layercache.oci;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * What an image configuration says of the image (OCI image-spec, "Image Configuration"). Stateless
 * and thread-safe.
 */
public final class ImageConfig {
  private ImageConfig() {}

  /**
   * The machine that an image is for.
   *
   * @param config the configuration's bytes, at most {@link ManifestParser#MAX_BYTES}
   * @return empty when it does not say, or is no configuration at all, as of an artifact
   */
  public static Optional<Platform> platform(byte[] config) {
    try {
      JsonNode root = ManifestParser.tree(config);
      return ManifestParser.platform(root);
    } catch (InvalidManifestException e) {
      return Optional.empty();
    }
  }
}
