package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.integrity.QuarantinedBlob;
import dev.layercache.server.metadata.Table;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.rocksdb.RocksDBException;

/**
 * The record of blobs that were found damaged: the newest 1,000, written in the same batch that
 * makes the blob missing. A key is one byte, then a number that counts all that there ever were.
 * Thread-safe.
 */
final class Quarantine {
  /** Records that are kept: at most 1.2 MB. */
  static final int MOST = 1_000;

  private static final int MAX_TEXT = 500;
  private static final byte PREFIX = 'q';

  private final Database database;
  private final Clock clock;
  private final List<Consumer<Digest>> listeners = new CopyOnWriteArrayList<>();

  /** Number of the next record, -1 before the first; the committer's thread only. */
  private long next = -1;

  Quarantine(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /** Whom to tell of each blob once it is missing; called on the committer's thread. */
  void tell(Consumer<Digest> whom) {
    listeners.add(whom);
  }

  /** Records a blob that the same batch deletes. Runs on the committer's thread. */
  void add(Batch batch, BlobInfo blob, String where, String why)
      throws IOException, RocksDBException {
    if (next < 0) {
      next = ever();
    }
    long number = next++;
    var family = database.table(Table.INTEGRITY);
    var entry = new QuarantinedBlob(blob.digest(), blob.size(), clock.instant(), where, why);
    batch.put(family, key(number), encode(entry));
    if (number >= MOST) {
      batch.delete(family, key(number - MOST));
    }
    batch.afterWrite(() -> listeners.forEach(whom -> whom.accept(blob.digest())));
  }

  /** How many there ever were. */
  long ever() throws IOException {
    try (var entries = database.rocks().newIterator(database.table(Table.INTEGRITY))) {
      entries.seekForPrev(key(Long.MAX_VALUE));
      boolean found = entries.isValid() && entries.key()[0] == PREFIX;
      entries.status();
      return found ? ByteBuffer.wrap(entries.key(), 1, Long.BYTES).getLong() + 1 : 0;
    } catch (RocksDBException e) {
      throw RocksErrors.of("reading the quarantine", e);
    }
  }

  List<QuarantinedBlob> newest(int most) throws IOException {
    var found = new ArrayList<QuarantinedBlob>();
    try (var entries = database.rocks().newIterator(database.table(Table.INTEGRITY))) {
      entries.seekForPrev(key(Long.MAX_VALUE));
      while (entries.isValid() && entries.key()[0] == PREFIX && found.size() < most) {
        found.add(decode(entries.value()));
        entries.prev();
      }
      entries.status();
    } catch (RocksDBException e) {
      throw RocksErrors.of("reading the quarantine", e);
    }
    return found;
  }

  private static byte[] key(long number) {
    return ByteBuffer.allocate(1 + Long.BYTES).put(PREFIX).putLong(number).array();
  }

  private static byte[] encode(QuarantinedBlob blob) {
    byte[] digest = bytes(blob.digest().toString());
    byte[] where = bytes(blob.where());
    byte[] why = bytes(blob.why());
    return ByteBuffer.allocate(
            2 * Long.BYTES + 3 * Short.BYTES + digest.length + where.length + why.length)
        .putLong(blob.size())
        .putLong(blob.when().toEpochMilli())
        .putShort((short) digest.length)
        .put(digest)
        .putShort((short) where.length)
        .put(where)
        .putShort((short) why.length)
        .put(why)
        .array();
  }

  private static QuarantinedBlob decode(byte[] value) {
    var in = ByteBuffer.wrap(value);
    long size = in.getLong();
    var when = Instant.ofEpochMilli(in.getLong());
    return new QuarantinedBlob(Digest.parse(text(in)), size, when, text(in), text(in));
  }

  private static byte[] bytes(String text) {
    String cut = text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 3) + "...";
    return cut.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(ByteBuffer in) {
    byte[] bytes = new byte[in.getShort()];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
