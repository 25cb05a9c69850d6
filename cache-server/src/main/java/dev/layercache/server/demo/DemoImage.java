package dev.layercache.server.demo;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.layercache.client.image.ImageDestination;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.oci.MediaTypes;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Writes an image of files into a destination, as an image builder does. */
final class DemoImage {
  private static final int BUFFER = 1 << 20;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final ImageDestination destination;
  private final Path scratch;

  /**
   * @param scratch directory for one layer at a time
   */
  DemoImage(ImageDestination destination, Path scratch) {
    this.destination = destination;
    this.scratch = scratch;
  }

  /** An uncompressed layer of {@code files} and a small file that says {@code note}. */
  Descriptor layer(Map<String, Path> files, String note) throws IOException {
    Path tar = Files.createTempFile(scratch, "layer", ".tar");
    try {
      Digest digest = writeTar(tar, files, note);
      var layer = new Descriptor(MediaTypes.OCI_LAYER, digest, Files.size(tar));
      put(layer, tar);
      return layer;
    } finally {
      Files.delete(tar);
    }
  }

  /** Names the image of these layers. */
  Descriptor finish(List<Descriptor> layers, String tag) throws IOException {
    var config = JsonNodeFactory.instance.objectNode();
    config.put("architecture", System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64");
    config.put("os", "linux");
    var rootfs = config.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    layers.forEach(layer -> rootfs.add(layer.digest().toString()));

    var manifest = JsonNodeFactory.instance.objectNode();
    manifest.put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_MANIFEST);
    fill(manifest.putObject("config"), putJson(config, MediaTypes.OCI_CONFIG));
    var array = manifest.putArray("layers");
    layers.forEach(layer -> fill(array.addObject(), layer));
    Descriptor root = putJson(manifest, MediaTypes.OCI_MANIFEST);
    destination.finish(root, Optional.of(tag));
    return root;
  }

  private static Digest writeTar(Path tar, Map<String, Path> files, String note)
      throws IOException {
    var hash = DigestAlgorithm.SHA256.newHash();
    try (var out =
        new TarArchiveOutputStream(
            new BufferedOutputStream(
                new DigestOutputStream(Files.newOutputStream(tar), hash), BUFFER),
            "UTF-8")) {
      out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (var file : files.entrySet()) {
        if (Thread.interrupted()) {
          throw new InterruptedIOException("interrupted while a layer was made");
        }
        entry(out, file.getKey(), Files.size(file.getValue()));
        Files.copy(file.getValue(), out);
        out.closeArchiveEntry();
      }
      byte[] text = note.getBytes(StandardCharsets.UTF_8);
      entry(out, "NOTE", text.length);
      out.write(text);
      out.closeArchiveEntry();
      out.finish();
    }
    return Digest.of(DigestAlgorithm.SHA256, hash);
  }

  private static void entry(TarArchiveOutputStream out, String name, long size) throws IOException {
    var entry = new TarArchiveEntry(name);
    entry.setSize(size);
    entry.setModTime(0);
    out.putArchiveEntry(entry);
  }

  private void put(Descriptor blob, Path content) throws IOException {
    try (var partial = destination.begin(blob);
        var in = FileChannel.open(content)) {
      var buffer = ByteBuffer.allocate(BUFFER);
      while (in.read(buffer) >= 0) {
        partial.write(buffer.flip());
        buffer.clear();
      }
      partial.commit();
    }
  }

  private Descriptor putJson(ObjectNode document, String mediaType) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(document);
    var descriptor = new Descriptor(mediaType, Digest.of(bytes), bytes.length);
    try (var partial = destination.begin(descriptor)) {
      partial.write(ByteBuffer.wrap(bytes));
      partial.commit();
    }
    return descriptor;
  }

  private static void fill(ObjectNode node, Descriptor descriptor) {
    node.put("mediaType", descriptor.mediaType());
    node.put("digest", descriptor.digest().toString());
    node.put("size", descriptor.size());
  }
}
