package dev.layercache.load.fleet;

import dev.layercache.load.data.Blob;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An image of an application.
 *
 * @param base layers that come from another repository
 * @param own layers made by the build: the framework, which applications share, and the application
 */
public record Image(String repository, Base base, Blob config, List<Blob> own) {

  /** Layers that applications are built on, in the repository where they lie. */
  public record Base(String repository, List<Blob> layers) {}

  /** The base's layers, then its own. */
  List<Blob> layers() {
    return Stream.concat(base.layers().stream(), own.stream()).toList();
  }

  /** Everything but the manifest. */
  List<Blob> blobs() {
    return Stream.concat(layers().stream(), Stream.of(config)).toList();
  }

  long bytes() {
    return blobs().stream().mapToLong(Blob::size).sum();
  }

  /** As in the OCI image-spec, "Image Manifest". */
  byte[] manifest() {
    var layers =
        layers().stream()
            .map(layer -> descriptor("application/vnd.oci.image.layer.v1.tar", layer))
            .collect(Collectors.joining(","));
    return """
    {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[%s]}"""
        .formatted(descriptor("application/vnd.oci.image.config.v1+json", config), layers)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String descriptor(String mediaType, Blob blob) {
    return """
    {"mediaType":"%s","digest":"%s","size":%d}"""
        .formatted(mediaType, blob.digest(), blob.size());
  }
}
