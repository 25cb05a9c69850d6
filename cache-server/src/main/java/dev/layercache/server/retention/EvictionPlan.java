package dev.layercache.server.retention;

import dev.layercache.server.blob.BlobEviction;
import dev.layercache.server.blob.UsePosition;
import dev.layercache.server.image.ImageGraph;
import dev.layercache.server.image.ImageGraph.Node;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What would go next, without letting go of anything. Looks at no more than {@link #MAX_LOOKED_AT}
 * blobs. Thread-safe.
 */
public final class EvictionPlan {
  /** Most items of a plan. */
  public static final int MAX_ITEMS = 1_000;

  private static final int MAX_LOOKED_AT = 100_000;
  private static final int AT_ONCE = 256;

  private final BlobEviction blobs;
  private final ImageGraph graph;
  private final Judge judge;
  private final ImageReports reports;
  private final Leases leases;
  private final Clock clock;
  private final Duration grace;

  EvictionPlan(
      BlobEviction blobs,
      ImageGraph graph,
      Judge judge,
      ImageReports reports,
      Leases leases,
      Clock clock,
      Duration grace) {
    this.blobs = blobs;
    this.graph = graph;
    this.judge = judge;
    this.reports = reports;
    this.leases = leases;
    this.clock = clock;
    this.grace = grace;
  }

  /**
   * What would go.
   *
   * @param items first what has expired, then what was unused for longest
   * @param bytes that it would free, about
   * @param enough whether that is what was wanted
   */
  public record Plan(List<Eviction> items, long bytes, boolean enough) {
    public Plan {
      items = List.copyOf(items);
    }
  }

  /** Plans for {@code wanted} bytes beyond what has expired. */
  public Plan plan(long wanted) throws IOException {
    var items = new ArrayList<Eviction>();
    Set<Node> seen = new HashSet<>();
    long bytes = 0;
    int looked = 0;
    var cutoff = blobs.cutoff(grace);
    var from = UsePosition.FIRST;
    var page = blobs.oldest(from, AT_ONCE);
    while (!page.isEmpty() && looked < MAX_LOOKED_AT && items.size() < MAX_ITEMS) {
      for (var blob : page) {
        looked++;
        from = blob.position().next();
        if (leases.covers(blob.names()) || blobs.usedSince(blob.digest(), cutoff)) {
          continue;
        }
        Set<Node> roots = new HashSet<>();
        for (var name : blob.names()) {
          graph.roots(name).ifPresent(roots::addAll);
        }
        if (roots.isEmpty() && bytes < wanted) {
          items.add(loose(blob.digest(), blob.size(), blob.position()));
          bytes += blob.size();
        }
        for (var root : roots) {
          if (items.size() < MAX_ITEMS && seen.add(root)) {
            var item = image(root, bytes < wanted);
            bytes += item.map(Eviction::bytes).orElse(0L);
            item.ifPresent(items::add);
          }
        }
      }
      page = blobs.oldest(from, AT_ONCE);
    }
    return new Plan(items.subList(0, Math.min(MAX_ITEMS, items.size())), bytes, bytes >= wanted);
  }

  private Optional<Eviction> image(Node root, boolean roomNeeded) throws IOException {
    var image = graph.image(root);
    if (image.isEmpty()) {
      return Optional.empty();
    }
    var verdict = judge.judge(image.get());
    boolean goes =
        switch (verdict) {
          case Verdict.Kept _ -> false;
          case Verdict.Expired _ -> true;
          case Verdict.Evictable _ -> roomNeeded;
        };
    if (!goes) {
      return Optional.empty();
    }
    return reports
        .of(root)
        .map(
            report ->
                new Eviction(
                    root.digest(),
                    Optional.of(root.repository()),
                    report.tags(),
                    image.get().blobs().size(),
                    report.exclusiveBytes(),
                    report.lastUse(),
                    clock.instant(),
                    verdict.reason()));
  }

  private Eviction loose(dev.layercache.oci.Digest digest, long size, UsePosition position) {
    return new Eviction(
        digest,
        Optional.empty(),
        List.of(),
        1,
        size,
        position.since(),
        clock.instant(),
        "no image names it");
  }
}
