package dev.layercache.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a manifest or index says of other content; see {@link ManifestParser}. The bytes themselves
 * are not kept.
 *
 * @param mediaType as given by whoever handed the manifest over, else as declared inside
 * @param config of an image manifest
 * @param layers of an image manifest, in order
 * @param manifests of an index, in order; BuildKit's cache indexes name layer blobs here
 * @param subject what this manifest refers to; need not exist (OCI distribution-spec, "Referrers
 *     API")
 * @param artifactType its own, else the media type of its config
 * @param annotations free text by name
 */
public record Manifest(
    String mediaType,
    Optional<Descriptor> config,
    List<Descriptor> layers,
    List<Descriptor> manifests,
    Optional<Descriptor> subject,
    Optional<String> artifactType,
    Map<String, String> annotations) {

  public Manifest {
    layers = List.copyOf(layers);
    manifests = List.copyOf(manifests);
    annotations = Map.copyOf(annotations);
  }

  /** Whether it names other manifests and not layers. */
  public boolean isIndex() {
    return MediaTypes.isIndex(mediaType);
  }

  /**
   * Everything that must be stored for this manifest to be served: config, layers, manifests; not
   * the subject.
   */
  public List<Descriptor> references() {
    var all = new ArrayList<Descriptor>(1 + layers.size() + manifests.size());
    config.ifPresent(all::add);
    all.addAll(layers);
    all.addAll(manifests);
    return List.copyOf(all);
  }
}
