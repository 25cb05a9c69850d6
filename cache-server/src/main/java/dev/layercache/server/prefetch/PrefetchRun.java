package dev.layercache.server.prefetch;

import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.server.prefetch.PrefetchProgress.Image;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;

/** The state of one order. One thread. */
final class PrefetchRun {
  private final Consumer<PrefetchProgress> listener;
  private final List<Image> resolved = new ArrayList<>();
  private final List<Optional<ImageContents.Found>> contents = new ArrayList<>();
  private final Map<Digest, Wanted> wanted = new LinkedHashMap<>();
  private final Queue<Wanted> missing = new ArrayDeque<>();
  private int stored;
  private long bytesStored;
  private long bytesFetched;

  /**
   * A blob of the order.
   *
   * @param repository that has it
   */
  record Wanted(String repository, Digest digest, long size) {}

  PrefetchRun(Consumer<PrefetchProgress> listener) {
    this.listener = listener;
  }

  /** Looks for an image. */
  void add(ImageReference name, ImageContents where) {
    try {
      var found = where.find(name);
      contents.add(Optional.of(found));
      found
          .blobs()
          .forEach(
              (digest, size) ->
                  wanted.putIfAbsent(digest, new Wanted(found.repository(), digest, size)));
      resolved.add(
          new Image(
              name,
              Optional.of(found.manifest()),
              found.blobs().size(),
              found.bytes(),
              Optional.empty()));
    } catch (IOException | IllegalArgumentException e) {
      contents.add(Optional.empty());
      resolved.add(
          new Image(name, Optional.empty(), 0, 0, Optional.of(String.valueOf(e.getMessage()))));
    }
    tell(0);
  }

  Set<Digest> blobs() {
    return wanted.keySet();
  }

  /** What is stored needs not be fetched. */
  void subtract(Set<Digest> absent) {
    for (var blob : wanted.values()) {
      if (absent.contains(blob.digest())) {
        missing.add(blob);
      } else {
        stored++;
        bytesStored += blob.size();
      }
    }
    tell(0);
  }

  /** The next blob to fetch. */
  Optional<Wanted> next() {
    return Optional.ofNullable(missing.poll());
  }

  void stored(Wanted blob) {
    stored++;
    bytesFetched += blob.size();
  }

  /** The images that need the blob are not stored whole. */
  void failed(Wanted blob, String why) {
    for (int i = 0; i < resolved.size(); i++) {
      boolean needs = contents.get(i).filter(c -> c.blobs().containsKey(blob.digest())).isPresent();
      if (needs) {
        fail(i, "blob %s: %s".formatted(blob.digest(), why));
      }
    }
  }

  /** Pins the images that are stored whole. */
  void pin(ImagePins pins, Duration length) {
    for (int i = 0; i < resolved.size(); i++) {
      var found = contents.get(i);
      if (found.isPresent() && resolved.get(i).failure().isEmpty()) {
        try {
          pins.pin(found.get().repository(), resolved.get(i).name().manifestReference(), length);
        } catch (IOException e) {
          fail(i, "it is stored and not pinned: " + e.getMessage());
        }
      }
    }
  }

  private void fail(int index, String why) {
    var image = resolved.get(index);
    if (image.failure().isEmpty()) {
      resolved.set(
          index,
          new Image(
              image.name(), image.manifest(), image.blobs(), image.bytes(), Optional.of(why)));
    }
  }

  /**
   * Tells how far it is.
   *
   * @param underWay bytes of blobs that are not stored yet
   */
  void tell(long underWay) {
    listener.accept(progress(underWay));
  }

  PrefetchProgress progress() {
    return progress(0);
  }

  private PrefetchProgress progress(long underWay) {
    long bytes = wanted.values().stream().mapToLong(Wanted::size).sum();
    return new PrefetchProgress(
        resolved, wanted.size(), bytes, stored, bytesStored, bytesFetched + underWay);
  }
}
