package dev.layercache.server.store;

import dev.layercache.server.metadata.MetadataStore;
import dev.layercache.server.metadata.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.rocksdb.RocksDBException;

/** The tables of a {@link RocksStore}: a column family for each. */
final class RocksMetadataStore implements MetadataStore {
  private final Database database;
  private final GroupCommit commits;
  private final SpaceGuard space;

  RocksMetadataStore(Database database, GroupCommit commits, SpaceGuard space) {
    this.database = database;
    this.commits = commits;
    this.space = space;
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) throws IOException {
    return database.get(database.table(table), key);
  }

  @Override
  public List<Entry> scan(Table table, byte[] prefix, byte[] from, int most) throws IOException {
    var found = new ArrayList<Entry>(Math.min(most, 64));
    try (var entries = database.rocks().newIterator(database.table(table))) {
      entries.seek(Arrays.compareUnsigned(from, prefix) > 0 ? from : prefix);
      while (entries.isValid() && found.size() < most && startsWith(entries.key(), prefix)) {
        found.add(new Entry(entries.key(), entries.value()));
        entries.next();
      }
      entries.status();
    } catch (RocksDBException e) {
      throw RocksErrors.of("reading table " + table, e);
    }
    return found;
  }

  @Override
  public void write(List<Change> changes) throws IOException {
    if (changes.stream().anyMatch(change -> change instanceof Change.Put)) {
      space.require(0);
    }
    commits.commit(
        batch -> {
          for (var change : changes) {
            apply(batch, change);
          }
          return true;
        });
  }

  private void apply(Batch batch, Change change) throws RocksDBException {
    var family = database.table(change.table());
    switch (change) {
      case Change.Put put -> batch.put(family, put.key(), put.value());
      case Change.Delete delete -> batch.delete(family, delete.key());
    }
  }

  private static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }
}
