package dev.layercache.server.crash;

import dev.layercache.client.image.ImageSource;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/** An image whose every byte follows from a number. */
public final class SeededImage implements ImageSource {
  private static final int[] SIZES = {1, 4_000, 255_000, 270_000, 1_500_000, 6_000_000};

  private final Map<Digest, byte[]> blobs = new LinkedHashMap<>();
  private final Descriptor root;

  /** One to four layers: mostly its own, some of another image's. */
  public SeededImage(long seed) {
    var random = new Random(seed);
    var layers = new ArrayList<Descriptor>();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      long content = random.nextInt(4) == 0 ? random.nextInt(8) : seed * 31 + i;
      layers.add(blob(MediaTypes.OCI_LAYER, bytes(content)));
    }
    var config =
        blob(MediaTypes.OCI_CONFIG, ("{\"seed\":" + seed + "}").getBytes(StandardCharsets.UTF_8));
    String manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
            .formatted(
                MediaTypes.OCI_MANIFEST,
                json(config),
                layers.stream().map(SeededImage::json).collect(Collectors.joining(",")));
    root = blob(MediaTypes.OCI_MANIFEST, manifest.getBytes(StandardCharsets.UTF_8));
  }

  /** Every blob of the image, its manifest included. */
  public List<Descriptor> descriptors() {
    return blobs.entrySet().stream()
        .map(
            blob ->
                new Descriptor("application/octet-stream", blob.getKey(), blob.getValue().length))
        .toList();
  }

  @Override
  public Descriptor root() {
    return root;
  }

  @Override
  public byte[] manifest(Descriptor descriptor) {
    return bytesOf(descriptor);
  }

  @Override
  public InputStream open(Descriptor descriptor, long offset) {
    byte[] bytes = bytesOf(descriptor);
    return new ByteArrayInputStream(bytes, (int) offset, bytes.length - (int) offset);
  }

  @Override
  public void close() {}

  /** The bytes of one of its blobs. */
  public byte[] bytesOf(Descriptor descriptor) {
    var bytes = blobs.get(descriptor.digest());
    if (bytes == null) {
      throw new IllegalArgumentException("not of this image: " + descriptor);
    }
    return bytes;
  }

  private Descriptor blob(String mediaType, byte[] bytes) {
    var digest = Digest.of(bytes);
    blobs.put(digest, bytes);
    return new Descriptor(mediaType, digest, bytes.length);
  }

  private static byte[] bytes(long seed) {
    var random = new Random(seed);
    byte[] bytes = new byte[SIZES[random.nextInt(SIZES.length)]];
    random.nextBytes(bytes);
    return bytes;
  }

  private static String json(Descriptor descriptor) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(descriptor.mediaType(), descriptor.digest(), descriptor.size());
  }
}
