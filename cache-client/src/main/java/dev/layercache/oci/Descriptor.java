package dev.layercache.oci;

import java.util.Map;
import java.util.Optional;

/**
 * A blob or manifest as another document names it (OCI image-spec, "Descriptors").
 *
 * @param mediaType what the content is; may be empty where a document does not say
 * @param digest names the content
 * @param size bytes of the content, at least 0
 * @param platform which machine the content is for; only in an index
 * @param artifactType what kind of artifact a manifest is; empty when it does not say
 * @param annotations free text by name; never null, unmodifiable
 */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    Optional<Platform> platform,
    Optional<String> artifactType,
    Map<String, String> annotations) {

  public Descriptor {
    if (size < 0) {
      throw new IllegalArgumentException("size of %s: %d (expected: >= 0)".formatted(digest, size));
    }
    annotations = Map.copyOf(annotations);
  }

  /** A descriptor without platform, artifact type and annotations. */
  public Descriptor(String mediaType, Digest digest, long size) {
    this(mediaType, digest, size, Optional.empty(), Optional.empty(), Map.of());
  }
}
