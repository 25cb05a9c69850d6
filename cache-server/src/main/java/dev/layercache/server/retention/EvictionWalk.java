package dev.layercache.server.retention;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.AgedBlob;
import dev.layercache.server.blob.BlobEviction;
import dev.layercache.server.blob.BlobEviction.Cutoff;
import dev.layercache.server.blob.UsePosition;
import dev.layercache.server.image.ImageGraph;
import dev.layercache.server.image.ImageGraph.Node;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Walks through the order of last use and evicts what the rules let go: blobs that no image names,
 * and images, each whole. A lap goes from the oldest blob to the newest that may go; the next one
 * begins there again. Not thread-safe.
 */
final class EvictionWalk {
  /** Blobs that are looked at in one slice: a few milliseconds of work. */
  private static final int SLICE = 64;

  private static final int MAX_REMEMBERED = 1_000;

  private final BlobEviction blobs;
  private final ImageGraph graph;
  private final Leases leases;
  private final ImageEviction images;
  private final Clock clock;
  private final Duration grace;
  private final Instant opened;
  private UsePosition at = UsePosition.FIRST;
  private Tally tally = new Tally();

  /** What was decided of roots in this lap: the layers of an image follow each other. */
  private final Map<Node, Known> decided =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Node, Known> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  private record Known(boolean kept, int lastUse) {}

  EvictionWalk(
      BlobEviction blobs,
      ImageGraph graph,
      Leases leases,
      ImageEviction images,
      Clock clock,
      Duration grace) {
    this.blobs = blobs;
    this.graph = graph;
    this.leases = leases;
    this.images = images;
    this.clock = clock;
    this.grace = grace;
    this.opened = clock.instant();
  }

  /**
   * What a slice did.
   *
   * @param evicted what went
   * @param endOfLap whether the next slice begins at the oldest blob again
   */
  record Slice(List<Eviction> evicted, boolean endOfLap) {
    long bytes() {
      return evicted.stream().mapToLong(Eviction::bytes).sum();
    }
  }

  /** What a lap left and why, up to now. */
  Tally tally() {
    return tally;
  }

  /**
   * Evicts what goes among the next blobs.
   *
   * @param wanted bytes; it stops when it has freed them
   */
  Slice slice(long wanted) throws IOException {
    if (at.equals(UsePosition.FIRST)) {
      tally = new Tally();
      decided.clear();
    }
    var cutoff = blobs.cutoff(grace);
    var evicted = new ArrayList<Eviction>();
    var loose = new ArrayList<AgedBlob>();
    long freed = 0;
    var aged = blobs.oldest(at, SLICE);
    boolean end = aged.isEmpty();
    for (var blob : aged) {
      if (blob.position().hour() >= firstProtectedHour()) {
        end = true;
        break;
      }
      if (freed >= wanted) {
        break;
      }
      at = blob.position().next();
      if (leases.covers(blob.names())) {
        tally.leased(blob.size());
      } else if (blobs.usedSince(blob.digest(), cutoff)) {
        tally.recent(blob.size());
      } else {
        var roots = roots(blob);
        if (roots.isPresent() && roots.get().isEmpty()) {
          loose.add(blob);
          freed += blob.size();
        } else if (roots.isPresent()) {
          freed += evictImages(blob, roots.get(), cutoff, evicted);
        }
      }
    }
    evicted.addAll(evictLoose(loose, cutoff));
    if (end) {
      at = UsePosition.FIRST;
    }
    return new Slice(evicted, end);
  }

  /** Begins a new lap with the next slice: what kept something may be gone. */
  void restart() {
    at = UsePosition.FIRST;
  }

  /**
   * After a start nobody remembers uses to the second, so blobs of the last hours before it are
   * spared until the grace is over.
   */
  private int firstProtectedHour() {
    return clock.instant().isBefore(opened.plus(grace))
        ? UsePosition.hourOf(opened.minus(grace))
        : Integer.MAX_VALUE;
  }

  private Optional<List<Node>> roots(AgedBlob blob) throws IOException {
    var all = new ArrayList<Node>();
    for (var name : blob.names()) {
      var roots = graph.roots(name);
      if (roots.isEmpty()) {
        return Optional.empty();
      }
      all.addAll(roots.get());
    }
    return Optional.of(all);
  }

  private long evictImages(AgedBlob blob, List<Node> roots, Cutoff cutoff, List<Eviction> evicted)
      throws IOException {
    int hour = blob.position().hour();
    int newest = 0;
    long freed = 0;
    boolean kept = false;
    for (var root : roots) {
      var known = decided.get(root);
      if (known == null || (!known.kept() && known.lastUse() <= hour)) {
        var gone = images.evict(root, hour, cutoff);
        evicted.addAll(gone.evicted());
        freed += gone.evicted().stream().mapToLong(Eviction::bytes).sum();
        known = new Known(gone.kept().isPresent(), gone.lastUse());
        decided.put(root, known);
        gone.kept().ifPresent(cause -> tally.kept(cause, root));
      }
      kept |= known.kept();
      newest = Math.max(newest, known.lastUse());
    }
    if (kept) {
      tally.kept(blob.size());
    }
    if (newest > hour && blobs.find(blob.digest()).isPresent()) {
      // It goes when its image does: not before that hour's turn.
      blobs.moveTo(newest, List.of(blob.digest()));
    }
    return freed;
  }

  private List<Eviction> evictLoose(List<AgedBlob> loose, Cutoff cutoff) throws IOException {
    if (loose.isEmpty()) {
      return List.of();
    }
    var ages = new LinkedHashMap<Digest, UsePosition>();
    loose.forEach(blob -> ages.put(blob.digest(), blob.position()));
    var now = clock.instant();
    return blobs.evict(ages.keySet(), cutoff).stream()
        .map(
            gone ->
                new Eviction(
                    gone.digest(),
                    Optional.empty(),
                    List.of(),
                    1,
                    gone.size(),
                    Optional.ofNullable(ages.get(gone.digest())).orElse(UsePosition.FIRST).since(),
                    now,
                    "room was needed, no image names it"))
        .toList();
  }
}
