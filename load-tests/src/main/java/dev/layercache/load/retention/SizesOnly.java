package dev.layercache.load.retention;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.AgedBlob;
import dev.layercache.server.blob.BlobEviction;
import dev.layercache.server.blob.BlobFollower;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.SpaceBudget;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.blob.UploadId;
import dev.layercache.server.blob.UploadInfo;
import dev.layercache.server.blob.UsePosition;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A store of blobs without their bytes, with the order of last use that the policy works on, as
 * coarse as the real one. Thread-safe by one lock.
 */
final class SizesOnly implements BlobStore, BlobEviction, SpaceBudget {
  private final Clock clock;
  private final long limit;
  private final Map<Digest, Entry> blobs = new HashMap<>();
  private final NavigableMap<UsePosition, Digest> order = new TreeMap<>();
  private long bytes;
  private long ids;

  private static final class Entry {
    private final long size;
    private UsePosition position;
    private int second;

    Entry(long size, UsePosition position, int second) {
      this.size = size;
      this.position = position;
      this.second = second;
    }
  }

  SizesOnly(Clock clock, long limit) {
    this.clock = clock;
    this.limit = limit;
  }

  /** Stores a blob of {@code size} bytes. */
  synchronized void add(Digest digest, long size) {
    if (!renew(digest)) {
      var position = new UsePosition(UsePosition.hourOf(clock.instant()), ids++);
      blobs.put(digest, new Entry(size, position, second()));
      order.put(position, digest);
      bytes += size;
    }
  }

  synchronized boolean renew(Digest digest) {
    var entry = blobs.get(digest);
    if (entry == null) {
      return false;
    }
    entry.second = second();
    move(digest, entry, UsePosition.hourOf(clock.instant()));
    return true;
  }

  private void move(Digest digest, Entry entry, int hour) {
    if (entry.position.hour() < hour) {
      order.remove(entry.position);
      entry.position = new UsePosition(hour, entry.position.id());
      order.put(entry.position, digest);
    }
  }

  private int second() {
    return (int) clock.instant().getEpochSecond();
  }

  @Override
  public synchronized Optional<BlobInfo> stat(Digest digest) {
    return Optional.ofNullable(blobs.get(digest)).map(entry -> new BlobInfo(digest, entry.size));
  }

  @Override
  public synchronized Set<Digest> findMissing(Collection<Digest> digests) {
    var missing = new LinkedHashSet<Digest>();
    for (var digest : digests) {
      if (!renew(digest)) {
        missing.add(digest);
      }
    }
    return missing;
  }

  @Override
  public BlobUpload begin(UploadHint hint) {
    return new Upload(this);
  }

  private static final class Upload implements BlobUpload {
    private final SizesOnly store;
    private long position;

    Upload(SizesOnly store) {
      this.store = store;
    }

    @Override
    public UploadId id() {
      return UploadId.random();
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public int write(ByteBuffer source) {
      int length = source.remaining();
      source.position(source.limit());
      position += length;
      return length;
    }

    @Override
    public BlobInfo commit(Digest expected) {
      store.add(expected, position);
      return new BlobInfo(expected, position);
    }

    @Override
    public void abort() {}

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  @Override
  public synchronized List<AgedBlob> oldest(UsePosition from, int most) {
    var found = new ArrayList<AgedBlob>();
    for (var row : order.tailMap(from, true).entrySet()) {
      if (found.size() == most) {
        break;
      }
      find(row.getValue()).ifPresent(found::add);
    }
    return found;
  }

  @Override
  public synchronized Optional<AgedBlob> find(Digest digest) {
    return Optional.ofNullable(blobs.get(digest))
        .map(entry -> new AgedBlob(digest, Optional.empty(), entry.size, entry.position));
  }

  @Override
  public synchronized void moveTo(int hour, Collection<Digest> digests) {
    for (var digest : digests) {
      Optional.ofNullable(blobs.get(digest)).ifPresent(entry -> move(digest, entry, hour));
    }
  }

  @Override
  public Cutoff cutoff(Duration grace) {
    return new Cutoff(second() - (int) grace.toSeconds());
  }

  @Override
  public synchronized boolean usedSince(Digest digest, Cutoff cutoff) {
    var entry = blobs.get(digest);
    return entry != null && entry.second >= cutoff.second();
  }

  @Override
  public synchronized List<BlobInfo> evict(Collection<Digest> digests, Cutoff cutoff) {
    var gone = new ArrayList<BlobInfo>();
    for (var digest : digests) {
      var entry = blobs.get(digest);
      if (entry != null && entry.second < cutoff.second()) {
        blobs.remove(digest);
        order.remove(entry.position);
        bytes -= entry.size;
        gone.add(new BlobInfo(digest, entry.size));
      }
    }
    return gone;
  }

  @Override
  public Hold hold() {
    return () -> {};
  }

  @Override
  public long limit() {
    return limit;
  }

  @Override
  public synchronized SpaceUse measure() {
    return new SpaceUse(bytes, bytes, 0, 0, limit);
  }

  @Override
  public void onPressure(Runnable wake) {}

  @Override
  public void exhausted(String why) {}

  @Override
  public void reclaim() {}

  @Override
  public void relieved() {}

  @Override
  public synchronized Usage usage() {
    return new Usage(blobs.size(), bytes, 0);
  }

  @Override
  public void close() {}

  // What the policy does not use.

  @Override
  public Optional<BlobReader> open(Digest digest, ByteRange range) {
    throw new UnsupportedOperationException("there are no bytes");
  }

  @Override
  public Optional<BlobUpload> resume(UploadId id) {
    return Optional.empty();
  }

  @Override
  public Optional<UploadInfo> status(UploadId id) {
    return Optional.empty();
  }

  @Override
  public Optional<BlobFollower> follow(UploadId id, long offset, Duration patience) {
    return Optional.empty();
  }

  @Override
  public boolean delete(Digest digest) {
    throw new UnsupportedOperationException("only eviction deletes");
  }

  @Override
  public List<UploadInfo> uploads(int most) {
    return List.of();
  }

  @Override
  public int expireUploads(Instant before) {
    return 0;
  }
}
