package dev.layercache.client;

import dev.layercache.client.image.ImageSource;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import dev.layercache.oci.Platform;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** An image, or an index of images, in memory. */
record MemoryImage(Descriptor root, Map<Digest, byte[]> blobs) implements ImageSource {

  /** An image of these layers and a config of its own. */
  static MemoryImage of(byte[]... layers) {
    return of("linux/amd64", layers);
  }

  static MemoryImage of(String platform, byte[]... layers) {
    var blobs = new LinkedHashMap<Digest, byte[]>();
    Platform machine = Platform.parse(platform);
    String config =
        "{\"os\":\"%s\",\"architecture\":\"%s\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"
            .formatted(machine.os(), machine.architecture());
    String configJson = put(blobs, MediaTypes.OCI_CONFIG, config.getBytes(StandardCharsets.UTF_8));
    String layersJson =
        Arrays.stream(layers)
            .map(layer -> put(blobs, MediaTypes.OCI_LAYER, layer))
            .collect(Collectors.joining(","));
    return rooted(
        blobs,
        MediaTypes.OCI_MANIFEST,
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
            .formatted(MediaTypes.OCI_MANIFEST, configJson, layersJson));
  }

  /** An index of images or indexes; those for a platform say so. */
  static MemoryImage index(Map<String, MemoryImage> byPlatform) {
    var blobs = new LinkedHashMap<Digest, byte[]>();
    byPlatform.values().forEach(image -> blobs.putAll(image.blobs));
    String entries =
        byPlatform.entrySet().stream()
            .map(entry -> entry(entry.getKey(), entry.getValue().root))
            .collect(Collectors.joining(","));
    return rooted(
        blobs,
        MediaTypes.OCI_INDEX,
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
            .formatted(MediaTypes.OCI_INDEX, entries));
  }

  private static String entry(String platform, Descriptor image) {
    String base =
        "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d"
            .formatted(image.mediaType(), image.digest(), image.size());
    if (platform.isEmpty()) {
      return base + "}";
    }
    Platform machine = Platform.parse(platform);
    return base
        + ",\"platform\":{\"os\":\"%s\",\"architecture\":\"%s\"%s}}"
            .formatted(
                machine.os(),
                machine.architecture(),
                machine.variant().map(v -> ",\"variant\":\"" + v + '"').orElse(""));
  }

  private static MemoryImage rooted(Map<Digest, byte[]> blobs, String mediaType, String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    blobs.put(Digest.of(bytes), bytes);
    return new MemoryImage(new Descriptor(mediaType, Digest.of(bytes), bytes.length), blobs);
  }

  private static String put(Map<Digest, byte[]> blobs, String mediaType, byte[] content) {
    blobs.put(Digest.of(content), content);
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(mediaType, Digest.of(content), content.length);
  }

  /** Bytes of everything. */
  long totalBytes() {
    return blobs.values().stream().mapToLong(content -> content.length).sum();
  }

  List<Digest> digests() {
    return blobs.keySet().stream().sorted().toList();
  }

  @Override
  public byte[] manifest(Descriptor descriptor) throws IOException {
    return content(descriptor);
  }

  @Override
  public InputStream open(Descriptor descriptor, long offset) throws IOException {
    byte[] content = content(descriptor);
    int from = Math.toIntExact(offset);
    return new ByteArrayInputStream(content, from, content.length - from);
  }

  private byte[] content(Descriptor descriptor) throws IOException {
    byte[] content = blobs.get(descriptor.digest());
    if (content == null) {
      throw new IOException("the image has no " + descriptor.digest());
    }
    return content;
  }

  @Override
  public void close() {}
}
