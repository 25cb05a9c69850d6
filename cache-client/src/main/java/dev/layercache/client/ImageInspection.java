package dev.layercache.client;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Platform;
import java.util.List;
import java.util.Optional;

/**
 * An image with its layers and who else uses them.
 *
 * @param manifest the manifest or index that the reference names
 * @param images one for a manifest, one per image for an index
 */
public record ImageInspection(Descriptor manifest, List<Image> images) {
  public ImageInspection {
    images = List.copyOf(images);
  }

  /**
   * One image of one platform.
   *
   * @param manifest its manifest
   * @param platform empty when nothing says
   * @param config empty when the manifest has none
   * @param layers in order
   */
  public record Image(
      Descriptor manifest,
      Optional<Platform> platform,
      Optional<Descriptor> config,
      List<Layer> layers) {
    public Image {
      layers = List.copyOf(layers);
    }
  }

  /**
   * A layer.
   *
   * @param blob its content
   * @param sharedWith other images that name it, as {@code REPOSITORY@DIGEST}; at most 10
   * @param sharedTotal how many other images name it
   */
  public record Layer(Descriptor blob, List<String> sharedWith, int sharedTotal) {
    public Layer {
      sharedWith = List.copyOf(sharedWith);
    }
  }
}
