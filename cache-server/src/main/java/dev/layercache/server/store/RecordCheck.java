package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.server.integrity.Damage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks what is not blob bytes: every block of the files that hold records and tables, and that
 * records and ids agree. What contradicts itself is put right, so that nothing is dropped at the
 * next start that a record still names, and nothing stays on disk that none does.
 */
final class RecordCheck {
  private static final Logger log = LoggerFactory.getLogger(RecordCheck.class);

  /** Findings of one check; more would fill memory, and say nothing new. */
  private static final int MOST = 10_000;

  private final Database database;
  private final GroupCommit commits;
  private final OpenReaders readers;
  private final Permits permits;
  private final List<Damage> atStart;

  /**
   * @param atStart what was found when the store was opened
   */
  RecordCheck(
      Database database,
      GroupCommit commits,
      OpenReaders readers,
      Permits permits,
      List<Damage> atStart) {
    this.atStart = List.copyOf(atStart);
    this.database = database;
    this.commits = commits;
    this.readers = readers;
    this.permits = permits;
  }

  /** Reads every file that holds no chunks, and every record. */
  List<Damage> check(BooleanSupplier goOn) throws IOException {
    var damage = new ArrayList<>(atStart);
    for (var file : database.rocks().getLiveFilesMetaData()) {
      if (!isChunks(file)) {
        if (!goOn.getAsBoolean()) {
          return damage;
        }
        checkFile(file).ifPresent(damage::add);
      }
    }
    checkIds(damage, goOn);
    return damage;
  }

  /** Forgets ids that no record names, and the bytes that are stored under them. */
  List<Damage> dropStale(List<Long> ids) throws IOException {
    var damage = new ArrayList<Damage>();
    for (long id : ids) {
      commits.commit(
          batch -> {
            batch.delete(database.ids(), BlobKeys.id(id));
            batch.delete(database.small(), BlobKeys.id(id));
            batch.afterWrite(() -> readers.deleted(id));
            return true;
          });
      damage.add(found("blob id " + id, "no record names it; its bytes were dropped"));
    }
    return damage;
  }

  private Optional<Damage> checkFile(LiveFileMetaData file) throws IOException {
    var path = Path.of(file.path(), file.fileName());
    try (var permit = permits.acquire();
        var options = new Options();
        var reader = new SstFileReader(options)) {
      reader.open(path.toString());
      reader.verifyChecksum();
      return Optional.empty();
    } catch (RocksDBException e) {
      // A compaction may have replaced it meanwhile.
      if (!RocksErrors.isCorruption(e) && !Files.exists(path)) {
        return Optional.empty();
      }
      String where =
          "db%s (%s)"
              .formatted(
                  file.fileName(), new String(file.columnFamilyName(), StandardCharsets.US_ASCII));
      return Optional.of(found(where, String.valueOf(e.getMessage())));
    }
  }

  /** Every record must have its id: files without one are dropped after the next start. */
  private void checkIds(List<Damage> damage, BooleanSupplier goOn) throws IOException {
    var snapshot = database.rocks().getSnapshot();
    try (var options = new ReadOptions().setSnapshot(snapshot).setFillCache(false);
        var records = database.rocks().newIterator(database.records(), options)) {
      for (records.seekToFirst();
          records.isValid() && damage.size() < MOST && goOn.getAsBoolean();
          records.next()) {
        long id = idOf(records.value());
        if (id < 0) {
          continue;
        }
        byte[] named = database.rocks().get(database.ids(), options, BlobKeys.id(id));
        if (!Arrays.equals(named, records.key())) {
          damage.add(restoreId(id, records.key()));
        }
      }
      records.status();
    } catch (RocksDBException e) {
      if (!RocksErrors.isCorruption(e)) {
        throw RocksErrors.of("reading records", e);
      }
      damage.add(found("column family blobs", String.valueOf(e.getMessage())));
    } finally {
      database.rocks().releaseSnapshot(snapshot);
      snapshot.close();
    }
  }

  private Damage restoreId(long id, byte[] recordKey) throws IOException {
    Digest digest = BlobKeys.digest(recordKey);
    commits.commit(
        batch -> {
          if (batch.record(digest).filter(now -> idOf(now.encode()) == id).isPresent()) {
            batch.put(database.ids(), BlobKeys.id(id), recordKey);
          }
          return true;
        });
    return new Damage(
        Optional.of(digest), "column family ids", "id %d was missing; restored".formatted(id));
  }

  /** The id that a record names; -1 for an alias. */
  private static long idOf(byte[] record) {
    return switch (BlobRecord.decode(record)) {
      case BlobRecord.Small small -> small.id();
      case BlobRecord.Large large -> large.id();
      case BlobRecord.Alias alias -> -1;
    };
  }

  private static boolean isChunks(LiveFileMetaData file) {
    return new String(file.columnFamilyName(), StandardCharsets.US_ASCII).startsWith("chunk-");
  }

  private static Damage found(String where, String why) {
    log.error("damage in {}: {}", where, why);
    return new Damage(Optional.empty(), where, why);
  }
}
