package dev.layercache.server.retention;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.AgedBlob;
import dev.layercache.server.blob.BlobEviction;
import dev.layercache.server.blob.SpaceBudget;
import dev.layercache.server.image.ImageGraph;
import dev.layercache.server.image.ImageGraph.Node;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Who takes how much, by repository and image. Reads the index of all images: for people, not for
 * requests. Memory is that of the blobs of one repository. Thread-safe, no state.
 */
public final class DiskUsage {
  /** Most repositories of a report. */
  public static final int MAX_REPOSITORIES = 1_000;

  /** Most images of a report. */
  public static final int MAX_IMAGES = 5_000;

  private static final int AT_ONCE = 256;

  private final BlobEviction blobs;
  private final ImageGraph graph;
  private final ImageReports reports;
  private final SpaceBudget budget;

  DiskUsage(BlobEviction blobs, ImageGraph graph, ImageReports reports, SpaceBudget budget) {
    this.blobs = blobs;
    this.graph = graph;
    this.reports = reports;
    this.budget = budget;
  }

  /**
   * A repository.
   *
   * @param name of it
   * @param images in it
   * @param bytes of their blobs, each once
   * @param exclusiveBytes of those that no other repository names
   */
  public record Repository(String name, long images, long bytes, long exclusiveBytes) {}

  /**
   * What was found.
   *
   * @param repositories those with most bytes first, at most {@link #MAX_REPOSITORIES}
   * @param images those with most exclusive bytes first, at most {@link #MAX_IMAGES}
   * @param more whether there are more of either
   * @param blobBytes of all blobs
   * @param imageBytes of blobs that an image of these repositories names, each once
   * @param diskBytes on disk
   * @param budgetBytes that may be on disk
   */
  public record Report(
      List<Repository> repositories,
      List<Explanation.Image> images,
      boolean more,
      long blobBytes,
      long imageBytes,
      long diskBytes,
      long budgetBytes) {
    public Report {
      repositories = List.copyOf(repositories);
      images = List.copyOf(images);
    }
  }

  /**
   * Goes through the repositories.
   *
   * @param only looks at this repository alone
   * @param withImages whether to list images
   */
  public Report report(Optional<String> only, boolean withImages) throws IOException {
    var repositories =
        new Largest<Repository>(MAX_REPOSITORIES, Comparator.comparingLong(Repository::bytes));
    var images =
        new Largest<Explanation.Image>(
            MAX_IMAGES, Comparator.comparingLong(Explanation.Image::exclusiveBytes));
    Optional<Count> current = Optional.empty();
    long imageBytes = 0;
    var page =
        only.isPresent()
            ? graph.manifestsOf(only.get(), AT_ONCE)
            : graph.manifests(Optional.empty(), AT_ONCE);
    while (!page.isEmpty()) {
      for (var node : page) {
        if (only.isPresent() && !only.get().equals(node.repository())) {
          page = List.of();
          break;
        }
        if (current.isEmpty() || !current.get().name.equals(node.repository())) {
          current.ifPresent(count -> repositories.add(count.done()));
          imageBytes += current.map(count -> count.first).orElse(0L);
          current = Optional.of(new Count(node.repository()));
        }
        add(current.get(), node, withImages, images);
      }
      page = page.isEmpty() ? page : graph.manifests(Optional.of(page.getLast()), AT_ONCE);
    }
    current.ifPresent(count -> repositories.add(count.done()));
    imageBytes += current.map(count -> count.first).orElse(0L);
    var use = budget.measure();
    return new Report(
        repositories.toList(),
        images.toList(),
        repositories.overflowed() || images.overflowed(),
        use.blobs(),
        imageBytes,
        use.total(),
        budget.limit());
  }

  private void add(Count count, Node node, boolean withImages, Largest<Explanation.Image> images)
      throws IOException {
    var image = graph.isRoot(node) ? graph.image(node) : Optional.<ImageGraph.Image>empty();
    if (image.isEmpty()) {
      return;
    }
    count.images++;
    for (var digest : image.get().blobs()) {
      if (count.seen.add(digest)) {
        long size = blobs.find(digest).map(AgedBlob::size).orElse(0L);
        var repositories = graph.repositories(digest, 2);
        count.bytes += size;
        count.exclusive += repositories.size() == 1 ? size : 0;
        count.first += repositories.getFirst().equals(count.name) ? size : 0;
      }
    }
    if (withImages) {
      reports.of(node).ifPresent(images::add);
    }
  }

  /** The largest of what is added. */
  private static final class Largest<T> {
    private final int most;
    private final PriorityQueue<T> kept;
    private final Comparator<T> order;
    private boolean overflowed;

    Largest(int most, Comparator<T> order) {
      this.most = most;
      this.order = order;
      this.kept = new PriorityQueue<>(order);
    }

    void add(T item) {
      kept.add(item);
      if (kept.size() > most) {
        kept.remove();
        overflowed = true;
      }
    }

    boolean overflowed() {
      return overflowed;
    }

    List<T> toList() {
      return kept.stream().sorted(order.reversed()).toList();
    }
  }

  private static final class Count {
    private final String name;
    private final Set<Digest> seen = new HashSet<>();
    private long images;
    private long bytes;
    private long exclusive;

    /** Bytes of blobs of which this is the first repository: so each counts once in all. */
    private long first;

    Count(String name) {
      this.name = name;
    }

    Repository done() {
      return new Repository(name, images, bytes, exclusive);
    }
  }
}
