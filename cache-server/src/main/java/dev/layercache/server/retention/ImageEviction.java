package dev.layercache.server.retention;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.AgedBlob;
import dev.layercache.server.blob.BlobEviction;
import dev.layercache.server.blob.BlobEviction.Cutoff;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.UsePosition;
import dev.layercache.server.image.ImageGraph;
import dev.layercache.server.image.ImageGraph.Image;
import dev.layercache.server.image.ImageGraph.Node;
import dev.layercache.server.image.Tag;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Evicts one image whole: first its index entries, in one write, then every blob that no other
 * image names. A crash in between leaves blobs that nobody names, which are evicted like any other.
 * Thread-safe.
 */
final class ImageEviction {
  private final BlobEviction blobs;
  private final ImageGraph graph;
  private final Judge judge;
  private final Leases leases;
  private final EvictionHistory history;
  private final Clock clock;

  ImageEviction(
      BlobEviction blobs,
      ImageGraph graph,
      Judge judge,
      Leases leases,
      EvictionHistory history,
      Clock clock) {
    this.blobs = blobs;
    this.graph = graph;
    this.judge = judge;
    this.leases = leases;
    this.history = history;
    this.clock = clock;
  }

  /**
   * What came of an image.
   *
   * @param evicted the image, when it went
   * @param kept why it stays whatever room is needed
   * @param lastUse the hour of its last use
   */
  record Outcome(List<Eviction> evicted, Optional<Verdict.Cause> kept, int lastUse) {}

  /** Evicts an image if the rules let it go and it was not used after {@code hour}. */
  Outcome evict(Node root, int hour, Cutoff cutoff) throws IOException {
    var image = graph.image(root);
    if (image.isEmpty()) {
      return new Outcome(List.of(), Optional.empty(), 0);
    }
    int lastUse = judge.lastUse(image.get());
    return switch (judge.judge(image.get())) {
      case Verdict.Kept kept -> new Outcome(List.of(), Optional.of(kept.cause()), 0);
      case Verdict.Evictable _ when lastUse > hour ->
          new Outcome(List.of(), Optional.empty(), lastUse);
      case Verdict.Evictable evictable ->
          new Outcome(
              remove(root, lastUse, cutoff, "room was needed, " + evictable.reason()).stream()
                  .toList(),
              Optional.empty(),
              lastUse);
      case Verdict.Expired expired ->
          new Outcome(
              remove(root, lastUse, cutoff, expired.reason()).stream().toList(),
              Optional.empty(),
              lastUse);
    };
  }

  /** Evicts an image if it has expired. */
  Optional<Eviction> evictExpired(Node root, Cutoff cutoff) throws IOException {
    var image = graph.image(root);
    if (image.isPresent() && judge.judge(image.get()) instanceof Verdict.Expired expired) {
      return remove(root, judge.lastUse(image.get()), cutoff, expired.reason());
    }
    return Optional.empty();
  }

  /** The history is told before the image goes: a crash leaves nothing that went unexplained. */
  private Optional<Eviction> remove(Node root, int lastUse, Cutoff cutoff, String reason)
      throws IOException {
    long number = history.reserve();
    var removed =
        graph.remove(
            root,
            image -> {
              if (!mayGo(image, cutoff)) {
                return false;
              }
              history.put(number, entry(image, lastUse, List.of(), reason));
              return true;
            });
    if (removed.isEmpty()) {
      return Optional.empty();
    }
    var gone = evictBlobs(removed.get().blobs(), lastUse, cutoff);
    var entry = entry(removed.get(), lastUse, gone, reason);
    history.put(number, entry);
    return Optional.of(entry);
  }

  private Eviction entry(Image image, int lastUse, List<BlobInfo> gone, String reason) {
    return new Eviction(
        image.root().digest(),
        Optional.of(image.root().repository()),
        image.allTags().stream().map(Tag::name).toList(),
        gone.size(),
        gone.stream().mapToLong(BlobInfo::size).sum(),
        new UsePosition(lastUse, 0).since(),
        clock.instant(),
        reason);
  }

  private boolean mayGo(Image image, Cutoff cutoff) throws IOException {
    for (var manifest : image.manifests()) {
      if (blobs.usedSince(manifest, cutoff)) {
        return false;
      }
    }
    return !(judge.judge(image) instanceof Verdict.Kept);
  }

  private boolean isNamed(AgedBlob blob) throws IOException {
    for (var name : blob.names()) {
      if (graph.isNamed(name)) {
        return true;
      }
    }
    return false;
  }

  /** Those that nothing names any more; one that was used on its own since then stays for now. */
  private List<BlobInfo> evictBlobs(Set<Digest> named, int lastUse, Cutoff cutoff)
      throws IOException {
    var gone = new ArrayList<BlobInfo>();
    var slice = new LinkedHashSet<Digest>();
    for (var blob : named) {
      var stored = blobs.find(blob);
      if (stored.isPresent()
          && stored.get().position().hour() <= lastUse
          && !leases.covers(stored.get().names())
          && !isNamed(stored.get())) {
        slice.add(blob);
      }
      if (slice.size() == BlobEviction.MAX_EVICTED_AT_ONCE) {
        gone.addAll(blobs.evict(slice, cutoff));
        slice.clear();
      }
    }
    if (!slice.isEmpty()) {
      gone.addAll(blobs.evict(slice, cutoff));
    }
    return gone;
  }
}
