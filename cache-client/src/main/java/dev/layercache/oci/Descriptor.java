package dev.layercache.oci;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A blob or manifest as another document names it (OCI image-spec, "Descriptors").
 *
 * @param mediaType what the content is; may be empty where a document does not say
 * @param digest names the content
 * @param size bytes of the content, at least 0
 * @param urls where else the content can be had; never null, unmodifiable
 * @param platform which machine the content is for; only in an index
 * @param artifactType what kind of artifact a manifest is; empty when it does not say
 * @param annotations free text by name; never null, unmodifiable
 */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    List<String> urls,
    Optional<Platform> platform,
    Optional<String> artifactType,
    Map<String, String> annotations) {

  public Descriptor {
    if (size < 0) {
      throw new IllegalArgumentException("size of %s: %d (expected: >= 0)".formatted(digest, size));
    }
    urls = List.copyOf(urls);
    annotations = Map.copyOf(annotations);
  }

  /** A descriptor without URLs, platform, artifact type and annotations. */
  public Descriptor(String mediaType, Digest digest, long size) {
    this(mediaType, digest, size, List.of(), Optional.empty(), Optional.empty(), Map.of());
  }

  /** The same with what a referrers list adds (OCI distribution-spec, "Listing Referrers"). */
  public Descriptor withArtifact(Optional<String> type, Map<String, String> notes) {
    return new Descriptor(mediaType, digest, size, urls, platform, type, notes);
  }

  /**
   * Whether a registry may lack the content, because clients get it elsewhere: its media type says
   * so, or it has URLs (OCI image-spec, "Non-Distributable Layers").
   */
  public boolean isNonDistributable() {
    return !urls.isEmpty() || MediaTypes.isNonDistributable(mediaType);
  }
}
