package dev.layercache.server.retention;

import dev.layercache.oci.Digest;
import dev.layercache.server.metadata.MetadataStore;
import dev.layercache.server.metadata.MetadataStore.Change;
import dev.layercache.server.metadata.MetadataStore.Entry;
import dev.layercache.server.metadata.Table;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What was evicted, the newest of it; found by digest and by name. Survives a restart. Thread-safe;
 * blocks on disk.
 */
public final class EvictionHistory {
  private final MetadataStore metadata;
  private final long most;
  private long next;
  private long oldest;

  /**
   * @param most entries that are remembered; the oldest give way
   */
  EvictionHistory(MetadataStore metadata, long most) throws IOException {
    this.metadata = metadata;
    this.most = most;
    this.next =
        metadata
            .get(Table.EVICTIONS, RetentionRecords.NEXT_ENTRY)
            .map(RetentionRecords::number)
            .orElse(0L);
    // Places that were reserved and not used leave older entries behind: look a little further
    // back.
    this.oldest = Math.max(0, next - most - 1_000);
  }

  /** Adds entries, all in one write. */
  synchronized void add(List<Eviction> evictions) throws IOException {
    if (!evictions.isEmpty()) {
      long first = next;
      next += evictions.size();
      write(first, evictions);
    }
  }

  /** A place for an entry that {@link #put} gives. */
  synchronized long reserve() {
    return next++;
  }

  /** Sets the entry of a place that was reserved, or changes it. */
  synchronized void put(long number, Eviction eviction) throws IOException {
    write(number, List.of(eviction));
  }

  private void write(long first, List<Eviction> evictions) throws IOException {
    var changes = new ArrayList<Change>();
    Set<ByteBuffer> named = new HashSet<>();
    long number = first;
    for (var eviction : evictions) {
      put(changes, RetentionRecords.entryKey(number), RetentionRecords.eviction(eviction));
      for (var name : names(eviction)) {
        put(changes, name, RetentionRecords.number(number));
        named.add(ByteBuffer.wrap(name));
      }
      number++;
    }
    for (; oldest < next - most; oldest++) {
      forget(oldest, changes, named);
    }
    put(changes, RetentionRecords.NEXT_ENTRY, RetentionRecords.number(next));
    metadata.write(changes);
  }

  /** The last time that a blob, or the image of this root manifest, was evicted. */
  public Optional<Eviction> of(Digest digest) throws IOException {
    return entry(RetentionRecords.nameKey(digest));
  }

  /** The last time that an image with this tag was evicted. */
  public Optional<Eviction> of(String repository, String tag) throws IOException {
    return entry(RetentionRecords.nameKey(repository, tag));
  }

  /** How many entries there ever were. */
  public synchronized long entries() {
    return next;
  }

  /** The newest entries, newest first. */
  public List<Eviction> newest(int count) throws IOException {
    long from;
    synchronized (this) {
      from = Math.max(0, next - count);
    }
    var found = new ArrayList<Eviction>();
    byte[] key = RetentionRecords.entryKey(from);
    for (Entry entry : metadata.scan(Table.EVICTIONS, RetentionRecords.ENTRIES, key, count)) {
      found.add(RetentionRecords.eviction(entry.value()));
    }
    return found.reversed();
  }

  private Optional<Eviction> entry(byte[] name) throws IOException {
    var number = metadata.get(Table.EVICTIONS, name);
    if (number.isEmpty()) {
      return Optional.empty();
    }
    var key = RetentionRecords.entryKey(RetentionRecords.number(number.get()));
    var value = metadata.get(Table.EVICTIONS, key);
    return value.isEmpty() ? Optional.empty() : Optional.of(RetentionRecords.eviction(value.get()));
  }

  /** Names that point to a newer entry stay. */
  private void forget(long old, List<Change> changes, Set<ByteBuffer> named) throws IOException {
    byte[] key = RetentionRecords.entryKey(old);
    var value = metadata.get(Table.EVICTIONS, key);
    if (value.isEmpty()) {
      return;
    }
    changes.add(new Change.Delete(Table.EVICTIONS, key));
    for (var name : names(RetentionRecords.eviction(value.get()))) {
      var points = metadata.get(Table.EVICTIONS, name).map(RetentionRecords::number);
      boolean renewed = named.contains(ByteBuffer.wrap(name));
      if (!renewed && points.filter(number -> number == old).isPresent()) {
        changes.add(new Change.Delete(Table.EVICTIONS, name));
      }
    }
  }

  private static List<byte[]> names(Eviction eviction) {
    var names = new ArrayList<byte[]>();
    names.add(RetentionRecords.nameKey(eviction.digest()));
    if (eviction.repository().isPresent()) {
      for (var tag : eviction.tags()) {
        names.add(RetentionRecords.nameKey(eviction.repository().get(), tag));
      }
    }
    return names;
  }

  private static void put(List<Change> changes, byte[] key, byte[] value) {
    changes.add(new Change.Put(Table.EVICTIONS, key, value));
  }
}
