package dev.layercache.load.http;

import dev.layercache.load.fleet.Image;
import dev.layercache.load.measure.Load;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * A pull as container engines do it, without what they do on the machine: the manifest, then three
 * blobs at a time; nothing is hashed, written or unpacked.
 */
public final class ImagePull {
  /** As docker and containerd have it by default. */
  private static final int AT_ONCE = 3;

  private ImagePull() {}

  /**
   * @param repository as {@code registry} calls it
   * @throws IOException if it does not give the whole image
   */
  public static Load run(InetSocketAddress registry, String repository, Image.Base image)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    try (var client = new RegistryClient(registry, repository)) {
      if (client.manifest(image.tag()).length != image.manifest().length) {
        throw new IOException("another manifest of %s:%s".formatted(repository, image.tag()));
      }
    }
    var blobs = new Transfers(registry, repository).pull(AT_ONCE, image.blobs());
    return new Load(
        blobs.operations(),
        blobs.payloadBytes(),
        blobs.socketBytes(),
        Duration.ofNanos(System.nanoTime() - begin),
        blobs.latencies());
  }
}
