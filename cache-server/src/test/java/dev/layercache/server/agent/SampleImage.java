package dev.layercache.server.agent;

import dev.layercache.client.BlobContent;
import dev.layercache.client.ClientOptions;
import dev.layercache.client.ImageManifest;
import dev.layercache.client.LayercacheClient;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.blob.SampleBlob;
import dev.layercache.server.config.HostPort;
import dev.layercache.server.upstream.PlainRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** An image of one layer that a test pushes. */
public record SampleImage(SampleBlob config, SampleBlob layer) {

  public ImageManifest manifest() {
    byte[] bytes =
        """
        {"schemaVersion":2,"mediaType":"%s",\
        "config":{"mediaType":"%s","digest":"%s","size":%d},\
        "layers":[{"mediaType":"%s","digest":"%s","size":%d}]}\
        """
            .formatted(
                MediaTypes.OCI_MANIFEST,
                MediaTypes.OCI_CONFIG,
                config.digest(),
                config.size(),
                MediaTypes.OCI_LAYER,
                layer.digest(),
                layer.size())
            .getBytes(StandardCharsets.UTF_8);
    var descriptor = new Descriptor(MediaTypes.OCI_MANIFEST, Digest.of(bytes), bytes.length);
    return new ImageManifest(descriptor, bytes);
  }

  public Descriptor layerDescriptor() {
    return descriptor(layer);
  }

  /** Pushes it to a registry. */
  public ImageManifest pushTo(PlainRegistry registry, String repository, String tag)
      throws IOException {
    for (var blob : List.of(config, layer)) {
      registry.pushBlob(repository, blob.digest(), blob.bytes());
    }
    registry.pushManifest(repository, tag, MediaTypes.OCI_MANIFEST, manifest().bytes());
    return manifest();
  }

  /** Pushes what the server lacks, then the manifest under the tag. */
  public ImageManifest pushTo(HostPort server, String repository, String tag) throws IOException {
    try (var client = LayercacheClient.connect(ClientOptions.server(server.toString()))) {
      client.upload(descriptor(config), BlobContent.of(config.bytes()));
      client.upload(descriptor(layer), BlobContent.of(layer.bytes()));
      client.putManifest(repository, List.of(tag), manifest());
      return manifest();
    }
  }

  public static Descriptor descriptor(SampleBlob blob) {
    return new Descriptor(MediaTypes.OCI_LAYER, blob.digest(), blob.size());
  }
}
