package dev.layercache.server.retention;

import dev.layercache.server.blob.BlobEviction;
import dev.layercache.server.image.ImageGraph;
import dev.layercache.server.image.ImageGraph.Node;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Evicts images that a rule lets go whether or not room is needed ({@code maxAge}, {@code
 * maxIdle}), and forgets pins and leases that have ended. Looks at every manifest of the
 * repositories that have such a rule, in small slices. Not thread-safe.
 */
final class ExpirySweep {
  private static final int SLICE = 64;
  private static final Duration BREATH = Duration.ofMillis(5);

  private final BlobEviction blobs;
  private final ImageGraph graph;
  private final ImageEviction images;
  private final RetentionRules rules;
  private final Pins pins;
  private final Leases leases;
  private final Duration grace;

  ExpirySweep(
      BlobEviction blobs,
      ImageGraph graph,
      ImageEviction images,
      RetentionRules rules,
      Pins pins,
      Leases leases,
      Duration grace) {
    this.blobs = blobs;
    this.graph = graph;
    this.images = images;
    this.rules = rules;
    this.pins = pins;
    this.leases = leases;
    this.grace = grace;
  }

  List<Eviction> sweep() throws IOException {
    pins.expire();
    leases.expire();
    var gone = new ArrayList<Eviction>();
    if (!rules.expireAnything()) {
      return gone;
    }
    Optional<Node> last = Optional.empty();
    List<Node> page = graph.manifests(last, SLICE);
    while (!page.isEmpty()) {
      for (var node : page) {
        if (rules.expires(node.repository()) && graph.isRoot(node)) {
          images.evictExpired(node, blobs.cutoff(grace)).ifPresent(gone::add);
        }
      }
      breathe();
      last = Optional.of(page.getLast());
      page = graph.manifests(last, SLICE);
    }
    return gone;
  }

  private static void breathe() throws IOException {
    try {
      Thread.sleep(BREATH);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while looking for what has expired", e);
    }
  }
}
