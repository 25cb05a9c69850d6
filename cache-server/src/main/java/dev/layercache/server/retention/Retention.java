package dev.layercache.server.retention;

import dev.layercache.server.blob.BlobEviction;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.SpaceBudget;
import dev.layercache.server.image.Images;
import dev.layercache.server.metadata.MetadataStore;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;

/**
 * Keeps a store below its budget and says what is kept. Evicts from when it is opened until it is
 * closed, which must be before its store is. Thread-safe.
 */
public final class Retention implements AutoCloseable {
  private final Pins pins;
  private final Leases leases;
  private final EvictionHistory history;
  private final EvictionCounters counters = new EvictionCounters();
  private final PinnedShare share;
  private final Explainer explainer;
  private final EvictionPlan plan;
  private final DiskUsage usage;
  private final Evictor evictor;

  /**
   * @param blobs the store; only asked, not closed
   * @param eviction its order of last use
   * @param budget its budget
   * @param rules by repository, the same that {@code images} asks for immutable tags
   */
  public Retention(
      BlobStore blobs,
      BlobEviction eviction,
      SpaceBudget budget,
      MetadataStore metadata,
      Images images,
      RetentionOptions options,
      RetentionRules rules,
      Clock clock)
      throws IOException {
    share = new PinnedShare((long) (budget.limit() * options.pinnedShare()));
    var graph = images.graph();
    pins = new Pins(metadata, blobs, images, share, clock);
    leases = new Leases(metadata, blobs, eviction, share, clock);
    history = new EvictionHistory(metadata, options.remembered());
    var judge = new Judge(rules, pins, images, eviction, clock);
    var imageEviction = new ImageEviction(eviction, graph, judge, leases, history, clock);
    var walk = new EvictionWalk(eviction, graph, leases, imageEviction, clock, options.grace());
    var expiry =
        new ExpirySweep(eviction, graph, imageEviction, rules, pins, leases, options.grace());
    var reports = new ImageReports(eviction, graph, judge);
    explainer = new Explainer(eviction, graph, reports, leases, history);
    plan = new EvictionPlan(eviction, graph, judge, reports, leases, clock, options.grace());
    usage = new DiskUsage(eviction, graph, reports, budget);
    evictor = new Evictor(budget, walk, history, expiry, counters);
  }

  /** Images that are kept until a time. */
  public Pins pins() {
    return pins;
  }

  /** Blobs that are kept until a time. */
  public Leases leases() {
    return leases;
  }

  /** What was evicted. */
  public EvictionHistory history() {
    return history;
  }

  /** How much was evicted since the start. */
  public EvictionCounters counters() {
    return counters;
  }

  /** Bytes that pins and leases take. */
  public long pinnedBytes() {
    return share.taken();
  }

  /** Bytes that pins and leases may take. */
  public long pinnedLimit() {
    return share.limit();
  }

  /** Why a blob is there, or is not. */
  public Explainer explainer() {
    return explainer;
  }

  /** What would go next. */
  public EvictionPlan plan() {
    return plan;
  }

  /** Who takes how much. */
  public DiskUsage usage() {
    return usage;
  }

  /** Bytes that must go for the store to be as far below its budget as it is kept. */
  public long excess() throws IOException {
    return evictor.excess();
  }

  /** Why no more could be evicted the last time, if so. */
  public Optional<String> obstacle() {
    return evictor.obstacle();
  }

  /** Evicts until enough room is left, or nothing more can go; and what has expired. */
  public void collect() throws IOException {
    evictor.evictExpired();
    evictor.reconsider();
    evictor.evictAsNeeded();
  }

  /** Stops evicting. */
  @Override
  public void close() {
    evictor.close();
  }
}
