package dev.layercache.server.retention;

import dev.layercache.server.blob.AgedBlob;
import dev.layercache.server.blob.BlobEviction;
import dev.layercache.server.blob.UsePosition;
import dev.layercache.server.image.ImageGraph;
import dev.layercache.server.image.ImageGraph.Node;
import dev.layercache.server.image.Tag;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** What people are told of an image. Thread-safe, no state. */
final class ImageReports {
  private final BlobEviction blobs;
  private final ImageGraph graph;
  private final Judge judge;

  ImageReports(BlobEviction blobs, ImageGraph graph, Judge judge) {
    this.blobs = blobs;
    this.graph = graph;
    this.judge = judge;
  }

  /** Empty when there is no such image any more. */
  Optional<Explanation.Image> of(Node root) throws IOException {
    var found = graph.image(root);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    var image = found.get();
    long bytes = 0;
    long exclusive = 0;
    for (var digest : image.blobs()) {
      var blob = blobs.find(digest);
      if (blob.isPresent()) {
        bytes += blob.get().size();
        exclusive += isExclusive(blob.get(), root) ? blob.get().size() : 0;
      }
    }
    var verdict = judge.judge(image);
    return Optional.of(
        new Explanation.Image(
            root.repository(),
            root.digest(),
            image.allTags().stream().map(Tag::name).sorted().toList(),
            new UsePosition(judge.lastUse(image), 0).since(),
            verdict instanceof Verdict.Kept,
            verdict.reason(),
            bytes,
            exclusive));
  }

  private boolean isExclusive(AgedBlob blob, Node root) throws IOException {
    Set<Node> roots = new HashSet<>();
    for (var name : blob.names()) {
      var named = graph.roots(name);
      if (named.isEmpty()) {
        return false;
      }
      roots.addAll(named.get());
    }
    return roots.equals(Set.of(root));
  }
}
