package dev.layercache.server.retention;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobHolds;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.metadata.MetadataStore;
import dev.layercache.server.metadata.MetadataStore.Change;
import dev.layercache.server.metadata.MetadataStore.Entry;
import dev.layercache.server.metadata.Table;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Blobs that are not evicted until a time, so that a running build cannot lose its inputs. All
 * leases are in memory as well as in their table: there are at most {@link #MAX_LEASED}.
 * Thread-safe; methods that change something block on disk.
 */
public final class Leases {
  /** Most blobs that are leased at once. */
  public static final int MAX_LEASED = 200_000;

  /** Most blobs of one request. */
  public static final int MAX_PER_REQUEST = 10_000;

  /** Longest lease; who needs more asks again. */
  public static final Duration MAX_LENGTH = Duration.ofDays(1);

  private static final int AT_ONCE = 1_000;
  private static final byte[] START = new byte[0];

  private final MetadataStore metadata;
  private final BlobStore blobs;
  private final BlobHolds holds;
  private final PinnedShare share;
  private final Clock clock;
  private final Map<Digest, Lease> leases = new ConcurrentHashMap<>();

  Leases(MetadataStore metadata, BlobStore blobs, BlobHolds holds, PinnedShare share, Clock clock)
      throws IOException {
    this.metadata = metadata;
    this.blobs = blobs;
    this.holds = holds;
    this.share = share;
    this.clock = clock;
    for (Entry entry : metadata.scan(Table.LEASES, START, START, MAX_LEASED)) {
      var lease = RetentionRecords.lease(entry.value());
      leases.put(RetentionRecords.digest(entry.key()), lease);
      share.restore(lease.bytes());
    }
  }

  /**
   * A blob's lease.
   *
   * @param bytes of the blob
   * @param until when it ends
   */
  record Lease(long bytes, Instant until) {}

  /**
   * What a lease was granted for.
   *
   * @param until when it ends
   * @param missing blobs that are not stored and therefore not leased
   */
  public record Granted(Instant until, Set<Digest> missing) {}

  /**
   * Leases blobs; a longer lease that one of them has already stays.
   *
   * @param digests at most {@link #MAX_PER_REQUEST}
   * @param length at most {@link #MAX_LENGTH}, which a longer one is cut to
   * @throws PinLimitException if leases would take more than their share; nothing was leased
   */
  public synchronized Granted lease(Collection<Digest> digests, Duration length)
      throws IOException {
    if (digests.size() > MAX_PER_REQUEST) {
      throw new IllegalArgumentException(
          "%d digests (expected: at most %d)".formatted(digests.size(), MAX_PER_REQUEST));
    }
    var cut = length.compareTo(MAX_LENGTH) > 0 ? MAX_LENGTH : length;
    Instant until = clock.instant().plus(cut);
    try (var _ = holds.hold()) {
      var missing = blobs.findMissing(digests);
      var added = new ArrayList<Digest>();
      try {
        for (var digest : new LinkedHashSet<>(digests)) {
          if (!missing.contains(digest)) {
            extend(digest, until, added);
          }
        }
        write(digests.stream().filter(digest -> !missing.contains(digest)).distinct().toList());
      } catch (IOException e) {
        for (var digest : added) {
          forget(digest);
        }
        throw e;
      }
      return new Granted(until, missing);
    }
  }

  /** Whether any of these names is leased. */
  boolean covers(Collection<Digest> names) {
    return until(names).isPresent();
  }

  /** Until when any of these names is leased. */
  Optional<Instant> until(Collection<Digest> names) {
    if (leases.isEmpty()) {
      return Optional.empty();
    }
    var now = clock.instant();
    return names.stream()
        .flatMap(name -> Optional.ofNullable(leases.get(name)).stream())
        .map(Lease::until)
        .filter(until -> until.isAfter(now))
        .max(Comparator.naturalOrder());
  }

  /** Forgets leases that have ended. */
  synchronized void expire() throws IOException {
    var now = clock.instant();
    var ended = new ArrayList<Digest>();
    leases.forEach(
        (digest, lease) -> {
          if (!lease.until().isAfter(now)) {
            ended.add(digest);
          }
        });
    for (int from = 0; from < ended.size(); from += AT_ONCE) {
      var slice = ended.subList(from, Math.min(ended.size(), from + AT_ONCE));
      metadata.write(
          slice.stream()
              .<Change>map(d -> new Change.Delete(Table.LEASES, RetentionRecords.key(d)))
              .toList());
      slice.forEach(this::forget);
    }
  }

  private void extend(Digest digest, Instant until, List<Digest> added) throws IOException {
    var before = leases.get(digest);
    if (before != null) {
      if (before.until().isBefore(until)) {
        leases.put(digest, new Lease(before.bytes(), until));
      }
      return;
    }
    if (leases.size() >= MAX_LEASED) {
      throw new PinLimitException(
          "%d blobs are leased (expected: fewer than %d)".formatted(leases.size(), MAX_LEASED));
    }
    long bytes = blobs.stat(digest).map(info -> info.size()).orElse(0L);
    share.take("blob " + digest, bytes);
    leases.put(digest, new Lease(bytes, until));
    added.add(digest);
  }

  private void write(List<Digest> digests) throws IOException {
    for (int from = 0; from < digests.size(); from += AT_ONCE) {
      var changes = new ArrayList<Change>();
      for (var digest : digests.subList(from, Math.min(digests.size(), from + AT_ONCE))) {
        var lease = leases.get(digest);
        if (lease != null) {
          changes.add(
              new Change.Put(
                  Table.LEASES, RetentionRecords.key(digest), RetentionRecords.lease(lease)));
        }
      }
      if (!changes.isEmpty()) {
        metadata.write(changes);
      }
    }
  }

  private void forget(Digest digest) {
    var lease = leases.remove(digest);
    if (lease != null) {
      share.give(lease.bytes());
    }
  }
}
