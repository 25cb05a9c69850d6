package dev.layercache.client.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.oci.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An image of a docker archive that has no manifest: one is made of its config and layers. */
final class MadeManifestSource implements ImageSource {
  private static final int BUFFER = 256 << 10;
  private static final String OCI_LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";

  private final LayoutFiles files;
  private final Descriptor root;
  private final byte[] manifest;
  private final Map<Digest, String> paths;

  private MadeManifestSource(LayoutFiles files, byte[] manifest, Map<Digest, String> paths) {
    this.files = files;
    this.manifest = manifest;
    this.paths = Map.copyOf(paths);
    root = new Descriptor(MediaTypes.OCI_MANIFEST, Digest.of(manifest), manifest.length);
  }

  static ImageSource open(LayoutFiles files, DockerManifest.Entry image) throws IOException {
    var paths = new HashMap<Digest, String>();
    byte[] config = files.readAll(image.config(), BoundedJson.MAX_BYTES);
    paths.put(Digest.of(config), image.config());
    List<Digest> uncompressed = diffIds(files, image, config);
    var layers = new ArrayList<Descriptor>(image.layers().size());
    for (int i = 0; i < image.layers().size(); i++) {
      Descriptor layer = describe(files, image.layers().get(i), uncompressed.get(i));
      layers.add(layer);
      paths.put(layer.digest(), image.layers().get(i));
    }
    var descriptor = new Descriptor(MediaTypes.OCI_CONFIG, Digest.of(config), config.length);
    return new MadeManifestSource(files, make(descriptor, layers), paths);
  }

  /** Digests of the uncompressed layers (OCI image-spec, "Image Configuration", rootfs). */
  private static List<Digest> diffIds(LayoutFiles files, DockerManifest.Entry image, byte[] config)
      throws IOException {
    String name = files + ": " + image.config();
    JsonNode ids = BoundedJson.parse(config, name).path("rootfs").path("diff_ids");
    if (ids.size() != image.layers().size()) {
      throw new IOException(
          "%s names %d layers (expected: %d, as %s does)"
              .formatted(name, ids.size(), image.layers().size(), DockerManifest.FILE));
    }
    var digests = new ArrayList<Digest>(ids.size());
    for (JsonNode id : ids) {
      try {
        digests.add(Digest.parse(id.asText()));
      } catch (IllegalArgumentException e) {
        throw new IOException("%s: %s".formatted(name, e.getMessage()), e);
      }
    }
    return digests;
  }

  private static Descriptor describe(LayoutFiles files, String path, Digest uncompressed)
      throws IOException {
    long size =
        files
            .size(path)
            .orElseThrow(() -> new IOException("%s lacks layer %s".formatted(files, path)));
    Compression compression;
    try (var in = files.open(path, 0)) {
      compression = Compression.of(in.readNBytes(Compression.MAGIC_BYTES));
    }
    String mediaType =
        switch (compression) {
          case NONE -> MediaTypes.OCI_LAYER;
          case GZIP -> MediaTypes.OCI_LAYER_GZIP;
          case ZSTD -> OCI_LAYER_ZSTD;
          case BZIP2, XZ ->
              throw new IOException(
                  "%s: layer %s is compressed with %s (expected: not at all, gzip or zstd)"
                      .formatted(files, path, compression));
        };
    var algorithm =
        compression == Compression.NONE ? uncompressed.algorithm() : DigestAlgorithm.SHA256;
    Digest digest = digest(files, path, algorithm);
    if (compression == Compression.NONE && !digest.equals(uncompressed)) {
      throw new IOException(
          "%s: layer %s has digest %s (expected: %s, as the image's config says)"
              .formatted(files, path, digest, uncompressed));
    }
    return new Descriptor(mediaType, digest, size);
  }

  private static Digest digest(LayoutFiles files, String path, DigestAlgorithm algorithm)
      throws IOException {
    var hash = algorithm.newHash();
    var buffer = new byte[BUFFER];
    try (var in = files.open(path, 0)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        hash.update(buffer, 0, read);
      }
    }
    return Digest.of(algorithm, hash);
  }

  private static byte[] make(Descriptor config, List<Descriptor> layers) throws IOException {
    var manifest = JsonNodeFactory.instance.objectNode();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", MediaTypes.OCI_MANIFEST);
    fill(manifest.putObject("config"), config);
    var array = manifest.putArray("layers");
    layers.forEach(layer -> fill(array.addObject(), layer));
    return BoundedJson.bytes(manifest);
  }

  private static void fill(ObjectNode node, Descriptor descriptor) {
    node.put("mediaType", descriptor.mediaType());
    node.put("digest", descriptor.digest().toString());
    node.put("size", descriptor.size());
  }

  @Override
  public Descriptor root() {
    return root;
  }

  @Override
  public byte[] manifest(Descriptor descriptor) throws IOException {
    if (!descriptor.digest().equals(root.digest()) || descriptor.size() != root.size()) {
      throw new IOException("%s lacks manifest %s".formatted(files, descriptor.digest()));
    }
    return manifest.clone();
  }

  @Override
  public InputStream open(Descriptor descriptor, long offset) throws IOException {
    String path =
        Optional.ofNullable(paths.get(descriptor.digest()))
            .orElseThrow(
                () -> new IOException("%s lacks blob %s".formatted(files, descriptor.digest())));
    long size = files.size(path).orElse(-1);
    if (size != descriptor.size()) {
      throw new IOException(
          "%s: %s has %d bytes (expected: %d)".formatted(files, path, size, descriptor.size()));
    }
    return files.open(path, offset);
  }

  @Override
  public void close() {
    // Holds nothing: every stream has a file of its own.
  }
}
