package dev.layercache.server.metadata;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** Tables on the heap. Nothing survives the process. */
public final class MemoryMetadataStore implements MetadataStore {
  private final Map<Table, NavigableMap<byte[], byte[]>> tables = new EnumMap<>(Table.class);

  /** A reader sees all of a batch or nothing of it. */
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  /** Makes empty tables. */
  public MemoryMetadataStore() {
    for (var table : Table.values()) {
      tables.put(table, new TreeMap<>(Arrays::compareUnsigned));
    }
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    lock.readLock().lock();
    try {
      return Optional.ofNullable(rows(table).get(key)).map(byte[]::clone);
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public List<Entry> scan(Table table, byte[] prefix, byte[] from, int most) {
    if (most < 1) {
      throw new IllegalArgumentException("most: %d (expected: >= 1)".formatted(most));
    }
    byte[] start = Arrays.compareUnsigned(from, prefix) > 0 ? from : prefix;
    var found = new ArrayList<Entry>();
    lock.readLock().lock();
    try {
      for (var row : rows(table).tailMap(start, true).entrySet()) {
        if (found.size() == most || !startsWith(row.getKey(), prefix)) {
          break;
        }
        found.add(new Entry(row.getKey().clone(), row.getValue().clone()));
      }
    } finally {
      lock.readLock().unlock();
    }
    return found;
  }

  @Override
  public void write(List<Change> changes) {
    lock.writeLock().lock();
    try {
      for (var change : changes) {
        switch (change) {
          case Change.Put put -> rows(put.table()).put(put.key().clone(), put.value().clone());
          case Change.Delete delete -> rows(delete.table()).remove(delete.key());
        }
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  private NavigableMap<byte[], byte[]> rows(Table table) {
    return Optional.ofNullable(tables.get(table)).orElseThrow();
  }

  private static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }
}
