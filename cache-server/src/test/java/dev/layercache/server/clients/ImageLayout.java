package dev.layercache.server.clients;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** An OCI image layout that a test fills, and whose blobs it compares. */
final class ImageLayout {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final ObjectNode index = JSON.createObjectNode().put("schemaVersion", 2);

  ImageLayout(Path directory) throws IOException {
    this.directory = directory;
    Files.createDirectories(directory.resolve("blobs/sha256"));
    Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    index.putArray("manifests");
  }

  Path directory() {
    return directory;
  }

  /** A layer of the files in a directory, as {@code tar} packs them. */
  Layer layer(Path files) throws IOException {
    Path tar = Files.createTempFile("layer", ".tar");
    try {
      DebianFiles.pack(files, tar);
      return packed(tar);
    } finally {
      Files.delete(tar);
    }
  }

  /** A layer that is a tar file already. */
  Layer packed(Path tar) throws IOException {
    byte[] plain = Files.readAllBytes(tar);
    var packed = new ByteArrayOutputStream();
    try (var gzip = new FastGzip(packed)) {
      gzip.write(plain);
    }
    return new Layer(
        Digest.of(plain), blob(MediaTypes.OCI_LAYER_GZIP, packed.toByteArray()), packed.size());
  }

  /** An image; its descriptor. */
  ObjectNode image(String architecture, Layer... layers) throws IOException {
    var config = JSON.createObjectNode().put("os", "linux").put("architecture", architecture);
    config.putObject("config");
    var rootfs = config.putObject("rootfs").put("type", "layers");
    var diffs = rootfs.putArray("diff_ids");
    var manifest = JSON.createObjectNode().put("schemaVersion", 2);
    manifest.put("mediaType", MediaTypes.OCI_MANIFEST);
    var descriptors = manifest.putArray("layers");
    for (var layer : layers) {
      diffs.add(layer.diff().toString());
      descriptors.add(layer.descriptor());
    }
    manifest.set("config", blob(MediaTypes.OCI_CONFIG, bytes(config)));
    var descriptor = blob(MediaTypes.OCI_MANIFEST, bytes(manifest));
    descriptor.putObject("platform").put("os", "linux").put("architecture", architecture);
    return descriptor;
  }

  /** An artifact that refers to an image; its descriptor. */
  ObjectNode artifact(ObjectNode subject, String artifactType) throws IOException {
    var manifest = JSON.createObjectNode().put("schemaVersion", 2);
    manifest.put("mediaType", MediaTypes.OCI_MANIFEST).put("artifactType", artifactType);
    manifest.set("config", blob(MediaTypes.OCI_EMPTY, "{}".getBytes(StandardCharsets.UTF_8)));
    manifest.putArray("layers");
    manifest.set("subject", withoutPlatform(subject));
    return blob(MediaTypes.OCI_MANIFEST, bytes(manifest));
  }

  /** An index of images; its descriptor. */
  ObjectNode index(ObjectNode... images) throws IOException {
    var manifest = JSON.createObjectNode().put("schemaVersion", 2);
    manifest.put("mediaType", MediaTypes.OCI_INDEX);
    var manifests = manifest.putArray("manifests");
    for (var image : images) {
      manifests.add(image);
    }
    return blob(MediaTypes.OCI_INDEX, bytes(manifest));
  }

  void tag(String name, ObjectNode descriptor) throws IOException {
    var tagged = descriptor.deepCopy();
    tagged.putObject("annotations").put("org.opencontainers.image.ref.name", name);
    index.withArray("manifests").add(tagged);
    Files.write(directory.resolve("index.json"), bytes(index));
  }

  /** Sizes of the blobs of a layout by digest, each of which has been verified. */
  static TreeMap<String, Long> blobs(Path layout) throws IOException {
    var blobs = new TreeMap<String, Long>();
    try (var files = Files.list(layout.resolve("blobs/sha256"))) {
      for (var file : files.toList()) {
        byte[] content = Files.readAllBytes(file);
        if (!Digest.of(content).hex().equals(file.getFileName().toString())) {
          throw new IOException(file + " has another digest");
        }
        blobs.put(file.getFileName().toString(), (long) content.length);
      }
    }
    return blobs;
  }

  private ObjectNode blob(String mediaType, byte[] content) throws IOException {
    var digest = Digest.of(content);
    Files.write(directory.resolve("blobs/sha256").resolve(digest.hex()), content);
    return JSON.createObjectNode()
        .put("mediaType", mediaType)
        .put("digest", digest.toString())
        .put("size", content.length);
  }

  private static ObjectNode withoutPlatform(ObjectNode descriptor) {
    var copy = descriptor.deepCopy();
    copy.remove("platform");
    return copy;
  }

  private static byte[] bytes(ObjectNode node) throws IOException {
    return JSON.writeValueAsBytes(node);
  }

  /** A layer: the digest of its tar, its descriptor and its packed size. */
  record Layer(Digest diff, ObjectNode descriptor, long size) {}

  /** These layers are moved, not kept. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
