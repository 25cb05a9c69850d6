package dev.layercache.server.retention;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.image.ImageGraph;
import dev.layercache.server.image.ImageGraph.Node;
import dev.layercache.server.image.Images;
import dev.layercache.server.metadata.MetadataStore;
import dev.layercache.server.metadata.MetadataStore.Change;
import dev.layercache.server.metadata.MetadataStore.Entry;
import dev.layercache.server.metadata.Table;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Images that are kept until a time. All pins are in memory as well as in their table: there are at
 * most {@link #MAX_PINS}. Thread-safe; methods that change something block on disk.
 */
public final class Pins {
  /** Most pins at once. */
  public static final int MAX_PINS = 10_000;

  private static final byte[] START = new byte[0];

  private final MetadataStore metadata;
  private final BlobStore blobs;
  private final Images images;
  private final PinnedShare share;
  private final Clock clock;
  private final Map<Node, Pin> pins = new ConcurrentHashMap<>();

  Pins(MetadataStore metadata, BlobStore blobs, Images images, PinnedShare share, Clock clock)
      throws IOException {
    this.metadata = metadata;
    this.blobs = blobs;
    this.images = images;
    this.share = share;
    this.clock = clock;
    for (Entry entry : metadata.scan(Table.PINS, START, START, MAX_PINS)) {
      var pin = RetentionRecords.pin(entry.value());
      pins.put(new Node(pin.repository(), pin.manifest()), pin);
      share.restore(pin.bytes());
    }
  }

  /**
   * Pins an image. Pinning it again changes until when.
   *
   * @param reference a tag or a digest
   * @param length for how long; empty pins until {@link #unpin}
   * @return empty when there is no such image
   * @throws PinLimitException if pins would take more than their share; the message says by how
   *     much
   */
  public Optional<Pin> pin(String repository, String reference, Optional<Duration> length)
      throws IOException {
    return images
        .graph()
        .keeping(
            repository,
            () -> {
              var found = images.resolve(repository, reference);
              if (found.isEmpty()) {
                return Optional.empty();
              }
              Digest manifest = found.get().descriptor().digest();
              var node = new Node(repository, manifest);
              var pin =
                  new Pin(
                      repository,
                      reference,
                      manifest,
                      bytes(node),
                      length.map(clock.instant()::plus));
              put(node, pin);
              return Optional.of(pin);
            });
  }

  /**
   * Ends the pin of an image.
   *
   * @param reference as it was pinned, or the digest
   * @return whether there was one
   */
  public boolean unpin(String repository, String reference) throws IOException {
    boolean found = false;
    for (var pin : pins.values()) {
      boolean named =
          pin.reference().equals(reference) || pin.manifest().toString().equals(reference);
      if (pin.repository().equals(repository) && named) {
        remove(pin);
        found = true;
      }
    }
    return found;
  }

  /** The pins that have not ended, by repository and reference. */
  public List<Pin> list() {
    var now = clock.instant();
    return pins.values().stream()
        .filter(pin -> pin.isActive(now))
        .sorted(Comparator.comparing(Pin::repository).thenComparing(Pin::reference))
        .toList();
  }

  /** The pin on any of these manifests. */
  Optional<Pin> on(String repository, Collection<Digest> manifests) {
    if (pins.isEmpty()) {
      return Optional.empty();
    }
    var now = clock.instant();
    for (var manifest : manifests) {
      var pin = pins.get(new Node(repository, manifest));
      if (pin != null && pin.isActive(now)) {
        return Optional.of(pin);
      }
    }
    return Optional.empty();
  }

  /** Forgets pins that have ended. */
  void expire() throws IOException {
    Instant now = clock.instant();
    for (var pin : pins.values()) {
      if (!pin.isActive(now)) {
        remove(pin);
      }
    }
  }

  private synchronized void put(Node node, Pin pin) throws IOException {
    var previous = Optional.ofNullable(pins.get(node));
    if (previous.isEmpty() && pins.size() >= MAX_PINS) {
      throw new PinLimitException(
          "%d images are pinned (expected: fewer than %d)".formatted(pins.size(), MAX_PINS));
    }
    long before = previous.map(Pin::bytes).orElse(0L);
    share.take(pin.repository() + "@" + pin.manifest(), pin.bytes() - before);
    try {
      metadata.write(
          List.of(
              new Change.Put(Table.PINS, RetentionRecords.key(node), RetentionRecords.pin(pin))));
    } catch (IOException e) {
      share.give(pin.bytes() - before);
      throw e;
    }
    pins.put(node, pin);
  }

  private synchronized void remove(Pin pin) throws IOException {
    var node = new Node(pin.repository(), pin.manifest());
    metadata.write(List.of(new Change.Delete(Table.PINS, RetentionRecords.key(node))));
    if (pins.remove(node, pin)) {
      share.give(pin.bytes());
    }
  }

  private long bytes(ImageGraph.Node node) throws IOException {
    long bytes = 0;
    var image = images.graph().image(node);
    if (image.isPresent()) {
      for (var blob : image.get().blobs()) {
        bytes += blobs.stat(blob).map(info -> info.size()).orElse(0L);
      }
    }
    return bytes;
  }
}
