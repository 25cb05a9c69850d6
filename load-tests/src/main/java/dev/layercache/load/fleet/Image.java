package dev.layercache.load.fleet;

import dev.layercache.load.data.Blob;
import dev.layercache.load.http.RegistryClient;
import java.io.IOException;
import java.net.InetSocketAddress;
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

  private static final int TAG_LENGTH = 16;

  /** An image that applications are built on. */
  public record Base(String repository, String tag, Blob config, List<Blob> layers) {

    /** Everything but the manifest. */
    public List<Blob> blobs() {
      return Stream.concat(layers.stream(), Stream.of(config)).toList();
    }

    public byte[] manifest() {
      return Image.manifest(config, layers);
    }

    /** Pushes what the registry lacks of it. */
    public void push(InetSocketAddress registry) throws IOException {
      try (var client = new RegistryClient(registry, repository)) {
        for (var blob : blobs()) {
          if (!client.has(blob.digest())) {
            client.push(blob);
          }
        }
        client.putManifest(tag, manifest());
      }
    }
  }

  /**
   * Its own, never another image's: registries that write a tag in place answer 500 to whoever
   * reads it just then.
   */
  String tag() {
    return config.digest().hex().substring(0, TAG_LENGTH);
  }

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

  byte[] manifest() {
    return manifest(config, layers());
  }

  /** As in the OCI image-spec, "Image Manifest". */
  private static byte[] manifest(Blob config, List<Blob> layers) {
    var described =
        layers.stream()
            .map(layer -> descriptor("application/vnd.oci.image.layer.v1.tar", layer))
            .collect(Collectors.joining(","));
    return """
    {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[%s]}"""
        .formatted(descriptor("application/vnd.oci.image.config.v1+json", config), described)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String descriptor(String mediaType, Blob blob) {
    return """
    {"mediaType":"%s","digest":"%s","size":%d}"""
        .formatted(mediaType, blob.digest(), blob.size());
  }
}
