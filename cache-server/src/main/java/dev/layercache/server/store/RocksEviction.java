package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.AgedBlob;
import dev.layercache.server.blob.BlobEviction;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.UsePosition;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.rocksdb.RocksDBException;

/** The order of last use of a {@link RocksStore}, and deletion by it. */
final class RocksEviction implements BlobEviction {
  /** Rows of the order that are skipped at most for one that is returned. */
  private static final int MAX_STALE = 1_000;

  private final Database database;
  private final GroupCommit commits;
  private final UseTimes uses;
  private final RecentUses recent;
  private final BlobDeletion deletion;

  RocksEviction(
      Database database,
      GroupCommit commits,
      UseTimes uses,
      RecentUses recent,
      BlobDeletion deletion) {
    this.database = database;
    this.commits = commits;
    this.uses = uses;
    this.recent = recent;
    this.deletion = deletion;
  }

  @Override
  public List<AgedBlob> oldest(UsePosition from, int most) throws IOException {
    if (most < 1) {
      throw new IllegalArgumentException("most: %d (expected: >= 1)".formatted(most));
    }
    if (from.equals(UsePosition.FIRST)) {
      uses.flush();
    }
    var found = new ArrayList<AgedBlob>();
    var stale = new ArrayList<UsePosition>();
    try (var rows = database.rocks().newIterator(database.useOrder())) {
      rows.seek(BlobKeys.use(from));
      while (rows.isValid() && found.size() < most && stale.size() < MAX_STALE) {
        var position = BlobKeys.use(rows.key());
        var blob = blobAt(position);
        if (blob.isEmpty()) {
          stale.add(position);
        } else if (!uses.isNotedAfter(position.hour(), blob.get().digest())) {
          found.add(blob.get());
        }
        rows.next();
      }
      rows.status();
    } catch (RocksDBException e) {
      throw RocksErrors.of("reading the order of last use", e);
    }
    forget(stale);
    if (found.isEmpty() && stale.size() == MAX_STALE) {
      return oldest(stale.getLast().next(), most);
    }
    return found;
  }

  @Override
  public Optional<AgedBlob> find(Digest digest) throws IOException {
    var stored = deletion.find(digest);
    if (stored.isEmpty()) {
      return Optional.empty();
    }
    var blob = stored.get().record();
    byte[] key = BlobKeys.record(stored.get().digest());
    // One that is not in the order yet is taken for just used.
    int hour = uses.lastUse(stored.get().digest(), blob.id()).orElse(uses.hour());
    return Optional.of(
        new AgedBlob(
            stored.get().digest(),
            database.get(database.aliases(), key).map(BlobKeys::digest),
            blob.size(),
            new UsePosition(hour, blob.id())));
  }

  @Override
  public void moveTo(int hour, Collection<Digest> digests) throws IOException {
    uses.moveTo(hour, List.copyOf(digests));
  }

  @Override
  public Hold hold() {
    return recent.hold();
  }

  @Override
  public Cutoff cutoff(Duration grace) {
    return recent.cutoff(grace);
  }

  @Override
  public boolean usedSince(Digest digest, Cutoff cutoff) throws IOException {
    var stored = deletion.find(digest);
    return stored.isPresent() && recent.usedSince(stored.get().digest(), cutoff);
  }

  @Override
  public synchronized List<BlobInfo> evict(Collection<Digest> digests, Cutoff cutoff)
      throws IOException {
    if (digests.size() > MAX_EVICTED_AT_ONCE) {
      throw new IllegalArgumentException(
          "%d blobs at once (expected: at most %d)".formatted(digests.size(), MAX_EVICTED_AT_ONCE));
    }
    var names = new ArrayList<Digest>();
    for (var digest : digests) {
      deletion.find(digest).ifPresent(stored -> names.add(stored.digest()));
    }
    if (names.isEmpty()) {
      return List.of();
    }
    // Whoever sets it first decides: the caller that gives up waiting, or the committer.
    var decided = new AtomicBoolean();
    recent.condemn(names);
    try {
      return commits.commit(
          batch ->
              decided.compareAndSet(false, true)
                  ? delete(batch, names, cutoff)
                  : List.<BlobInfo>of());
    } finally {
      if (!decided.compareAndSet(false, true)) {
        // It may still be under way when the wait was given up: what comes after it says it is not.
        commits.commit(batch -> true);
      }
      recent.release(names);
    }
  }

  private List<BlobInfo> delete(Batch batch, List<Digest> names, Cutoff cutoff)
      throws IOException, RocksDBException {
    var evicted = new ArrayList<BlobInfo>();
    for (var digest : names) {
      if (!recent.usedSince(digest, cutoff)) {
        deletion.delete(batch, digest, Optional.empty()).ifPresent(evicted::add);
      }
    }
    return evicted;
  }

  private Optional<AgedBlob> blobAt(UsePosition position) throws IOException {
    var key = database.get(database.ids(), BlobKeys.id(position.id()));
    if (key.isEmpty()) {
      return Optional.empty();
    }
    var record = database.record(key.get());
    if (record.isEmpty() || !(record.get() instanceof BlobRecord.Stored stored)) {
      return Optional.empty();
    }
    var alias = database.get(database.aliases(), key.get()).map(BlobKeys::digest);
    return Optional.of(new AgedBlob(BlobKeys.digest(key.get()), alias, stored.size(), position));
  }

  /** Rows of blobs that were deleted while their last use was written. */
  private void forget(List<UsePosition> stale) throws IOException {
    if (!stale.isEmpty()) {
      commits.commit(
          batch -> {
            for (var position : stale) {
              if (database.get(database.ids(), BlobKeys.id(position.id())).isEmpty()) {
                batch.delete(database.useOrder(), BlobKeys.use(position));
                batch.delete(database.uses(), BlobKeys.id(position.id()));
              }
            }
            return true;
          });
    }
  }
}
