package dev.layercache.server.retention;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.AgedBlob;
import dev.layercache.server.blob.BlobEviction;
import dev.layercache.server.blob.UsePosition;
import dev.layercache.server.image.ImageGraph;
import dev.layercache.server.image.ImageGraph.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Says of a blob why it is there, or is not. Thread-safe. */
public final class Explainer {
  /** Most images that are described. */
  public static final int MAX_IMAGES = 20;

  /** Most blobs that are looked at to say how much would go first. */
  public static final int MAX_OLDER = 10_000;

  private static final int AT_ONCE = 500;

  private final BlobEviction blobs;
  private final ImageGraph graph;
  private final ImageReports reports;
  private final Leases leases;
  private final EvictionHistory history;

  Explainer(
      BlobEviction blobs,
      ImageGraph graph,
      ImageReports reports,
      Leases leases,
      EvictionHistory history) {
    this.blobs = blobs;
    this.graph = graph;
    this.reports = reports;
    this.leases = leases;
    this.history = history;
  }

  /** Explains a blob or a manifest. */
  public Explanation explain(Digest digest) throws IOException {
    var blob = blobs.find(digest);
    if (blob.isEmpty()) {
      var evicted = history.of(digest);
      return new Explanation(
          digest,
          Optional.empty(),
          Optional.empty(),
          List.of(),
          0,
          Optional.empty(),
          evicted.isPresent()
              ? "it is not stored: it was evicted"
              : "it is not stored, and the history does not have it",
          0,
          evicted);
    }
    Set<Node> roots = new LinkedHashSet<>();
    for (var name : blob.get().names()) {
      graph.roots(name).ifPresent(roots::addAll);
    }
    var images = new ArrayList<Explanation.Image>();
    for (var root : roots) {
      if (images.size() == MAX_IMAGES) {
        break;
      }
      reports.of(root).ifPresent(images::add);
    }
    var leased = leases.until(blob.get().names());
    return new Explanation(
        digest,
        Optional.of(blob.get().size()),
        Optional.of(blob.get().position().since()),
        images,
        roots.size(),
        leased,
        outlook(images, leased.isPresent()),
        olderBytes(blob.get()),
        history.of(digest));
  }

  /** Explains an image that went, which only the history knows. */
  public Explanation gone(Eviction eviction) throws IOException {
    if (blobs.find(eviction.digest()).isPresent()) {
      return explain(eviction.digest());
    }
    return new Explanation(
        eviction.digest(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        0,
        Optional.empty(),
        "it is not stored: it was evicted",
        0,
        Optional.of(eviction));
  }

  private static String outlook(List<Explanation.Image> images, boolean leased) {
    for (var image : images) {
      if (image.kept()) {
        return "it stays with %s@%s: %s"
            .formatted(image.repository(), image.digest(), image.reason());
      }
    }
    String order = images.isEmpty() ? "no image names it; it goes" : "it goes with its image";
    return (leased ? "it stays while it is leased; then " : "")
        + order
        + " when room is needed and all that was unused for longer is gone";
  }

  private long olderBytes(AgedBlob blob) throws IOException {
    long bytes = 0;
    var from = UsePosition.FIRST;
    for (int seen = 0; seen < MAX_OLDER; seen += AT_ONCE) {
      var page = blobs.oldest(from, AT_ONCE);
      for (var older : page) {
        if (older.position().compareTo(blob.position()) >= 0) {
          return bytes;
        }
        bytes += older.size();
        from = older.position().next();
      }
      if (page.size() < AT_ONCE) {
        break;
      }
    }
    return bytes;
  }
}
