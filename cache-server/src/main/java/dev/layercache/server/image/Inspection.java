package dev.layercache.server.image;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.Platform;
import java.util.List;
import java.util.Optional;

/**
 * What an image consists of.
 *
 * @param manifest of the image or index
 * @param images the one image, or those of the index, nested ones included
 * @param complete whether {@code images} are all that there are; very large indexes are cut
 */
public record Inspection(StoredManifest manifest, List<Image> images, boolean complete) {
  public Inspection {
    images = List.copyOf(images);
  }

  /**
   * One image.
   *
   * @param manifest of the image; of the index itself where an index names layers (BuildKit's
   *     cache)
   * @param platform as the index says, else as the configuration says
   * @param config its configuration
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
   * A layer and who else uses it.
   *
   * @param blob the layer
   * @param sharedWith other images that name it, as REPOSITORY@DIGEST; at most 10
   * @param sharedTotal how many other images name it; counted up to 1,000
   */
  public record Layer(Descriptor blob, List<ImageReference> sharedWith, int sharedTotal) {
    public Layer {
      sharedWith = List.copyOf(sharedWith);
    }
  }
}
