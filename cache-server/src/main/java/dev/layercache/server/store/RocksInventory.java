package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.integrity.BlobInventory;
import dev.layercache.server.integrity.Damage;
import dev.layercache.server.integrity.QuarantinedBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;

/** What is stored in a {@link RocksStore}, for checks. */
final class RocksInventory implements BlobInventory {
  private final Database database;
  private final RocksBlobStore blobs;
  private final Quarantine quarantine;
  private final RecordCheck records;
  private final Permits permits;

  RocksInventory(
      Database database,
      RocksBlobStore blobs,
      Quarantine quarantine,
      RecordCheck records,
      Permits permits) {
    this.database = database;
    this.blobs = blobs;
    this.quarantine = quarantine;
    this.records = records;
    this.permits = permits;
  }

  @Override
  public Page after(long id, int most) throws IOException {
    var items = new ArrayList<Item>();
    var stale = new ArrayList<Long>();
    long last = id;
    boolean end = true;
    var damage = new ArrayList<Damage>();
    // One snapshot for ids and records, so that a deletion between the two looks like no damage.
    var snapshot = database.rocks().getSnapshot();
    try (var options = new ReadOptions().setSnapshot(snapshot).setFillCache(false);
        var ids = database.rocks().newIterator(database.ids(), options)) {
      for (ids.seek(BlobKeys.id(id + 1)); ids.isValid(); ids.next()) {
        if (items.size() + stale.size() + damage.size() == most) {
          end = false;
          break;
        }
        last = ByteBuffer.wrap(ids.key()).getLong();
        try {
          var found = item(last, ids.value(), options);
          found.ifPresent(items::add);
          if (found.isEmpty()) {
            stale.add(last);
          }
        } catch (RocksDBException e) {
          damage.add(unreadable("blob id " + last, "its record cannot be read", e));
        }
      }
      ids.status();
    } catch (RocksDBException e) {
      end = true;
      damage.add(
          unreadable("column family ids", "blobs after id %d are not listed".formatted(last), e));
    } finally {
      database.rocks().releaseSnapshot(snapshot);
      snapshot.close();
    }
    damage.addAll(records.dropStale(stale));
    return new Page(items, damage, last, end);
  }

  @Override
  public Optional<BlobReader> open(Item item) throws IOException {
    return blobs.openUnrenewed(item.digest(), ByteRange.ALL);
  }

  @Override
  public Optional<String> quarantine(Item item, String why) throws IOException {
    return blobs.quarantine(item.digest(), item.id(), why);
  }

  @Override
  public List<Damage> checkRecords(BooleanSupplier goOn) throws IOException {
    return records.check(goOn);
  }

  @Override
  public List<QuarantinedBlob> quarantined(int most) throws IOException {
    return quarantine.newest(most);
  }

  @Override
  public long quarantinedEver() throws IOException {
    return quarantine.ever();
  }

  @Override
  public boolean isBusy() {
    return permits.isBusy();
  }

  private static Damage unreadable(String where, String what, RocksDBException e)
      throws IOException {
    if (!RocksErrors.isCorruption(e)) {
      throw RocksErrors.of("listing blobs", e);
    }
    return new Damage(Optional.empty(), where, what + ": " + e.getMessage());
  }

  /** The blob that an entry of {@code ids} belongs to; empty when no record agrees. */
  private Optional<Item> item(long id, byte[] recordKey, ReadOptions options)
      throws RocksDBException {
    byte[] value = database.rocks().get(database.records(), options, recordKey);
    if (value == null) {
      return Optional.empty();
    }
    Digest digest = BlobKeys.digest(recordKey);
    return switch (BlobRecord.decode(value)) {
      case BlobRecord.Small small when small.id() == id ->
          Optional.of(new Item(id, digest, small.size()));
      case BlobRecord.Large large when large.id() == id ->
          Optional.of(new Item(id, digest, large.size()));
      case BlobRecord other -> Optional.empty();
    };
  }
}
