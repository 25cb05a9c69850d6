package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.server.blob.BlobFollower;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.CorruptBlobException;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.blob.UploadId;
import dev.layercache.server.blob.UploadInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The blobs of a {@link RocksStore}, which owns and closes everything that this uses. */
final class RocksBlobStore implements BlobStore {
  private static final Logger log = LoggerFactory.getLogger(RocksBlobStore.class);

  /** The blob of no bytes by its other name. */
  private static final Digest EMPTY_SHA512 =
      Digest.of(DigestAlgorithm.SHA512, DigestAlgorithm.SHA512.newHash());

  /** As many as can be in use: one for each holder of a permit, with room. */
  private static final int IDLE_KEYS = 64;

  private final Database database;
  private final GroupCommit commits;
  private final Counters counters;
  private final PresenceCache presence;
  private final AbsenceFilter absent;
  private final Uploads uploads;
  private final Permits permits;
  private final OpenReaders readers;
  private final Quarantine quarantine;
  private final LargeBlobReader.Context reading;
  private final AutoCloseable owner;

  RocksBlobStore(
      Database database,
      GroupCommit commits,
      Counters counters,
      PresenceCache presence,
      AbsenceFilter absent,
      Uploads uploads,
      Permits permits,
      OpenReaders readers,
      Quarantine quarantine,
      ReadOptions readOptions,
      Path directory,
      AutoCloseable owner) {
    this.database = database;
    this.commits = commits;
    this.counters = counters;
    this.presence = presence;
    this.absent = absent;
    this.uploads = uploads;
    this.permits = permits;
    this.readers = readers;
    this.quarantine = quarantine;
    var keys = new DirectBuffers(BlobKeys.CHUNK_KEY, IDLE_KEYS);
    this.reading =
        new LargeBlobReader.Context(
            database, readOptions, directory, permits, keys, readers, this::damaged);
    this.owner = owner;
  }

  @Override
  public Optional<BlobInfo> stat(Digest digest) throws IOException {
    if (isEmpty(digest)) {
      return Optional.of(new BlobInfo(digest, 0));
    }
    var known = presence.size(digest);
    if (known.isPresent()) {
      return Optional.of(new BlobInfo(digest, known.getAsLong()));
    }
    if (absent.isAbsent(digest)) {
      return Optional.empty();
    }
    long ticket = presence.ticket(digest);
    var found = lookUp(digest).map(blob -> new BlobInfo(digest, size(blob)));
    found.ifPresent(info -> presence.found(digest, info.size(), ticket));
    return found;
  }

  @Override
  public Optional<BlobReader> open(Digest digest, ByteRange range) throws IOException {
    if (isEmpty(digest)) {
      return Optional.of(new HeapBlobReader(new BlobInfo(digest, 0), new byte[0], range));
    }
    return openUnrenewed(digest, range);
  }

  /** Opens a blob without renewing its life; the empty one is not there. */
  Optional<BlobReader> openUnrenewed(Digest digest, ByteRange range) throws IOException {
    var blob = lookUp(digest);
    if (blob.isEmpty()) {
      return Optional.empty();
    }
    return switch (blob.get()) {
      case BlobRecord.Small small -> openSmall(digest, small, range);
      case BlobRecord.Large large -> openLarge(digest, large, range);
      case BlobRecord.Alias alias ->
          throw new IllegalStateException("an alias of an alias: " + digest);
    };
  }

  @Override
  public Set<Digest> findMissing(Collection<Digest> digests) throws IOException {
    var missing = new LinkedHashSet<Digest>();
    for (var digest : digests) {
      if (stat(digest).isEmpty()) {
        missing.add(digest);
      }
    }
    return missing;
  }

  @Override
  public BlobUpload begin(UploadHint hint) throws IOException {
    return uploads.begin(hint);
  }

  @Override
  public Optional<BlobUpload> resume(UploadId id) throws IOException {
    return uploads.resume(id);
  }

  @Override
  public Optional<UploadInfo> status(UploadId id) {
    return uploads.find(id).map(StagedUpload::info);
  }

  @Override
  public Optional<BlobFollower> follow(UploadId id, long offset, Duration patience) {
    return uploads
        .find(id)
        .map(upload -> new StagedFollower(upload, this, permits, offset, patience));
  }

  @Override
  public boolean delete(Digest digest) throws IOException {
    return !isEmpty(digest) && commits.commit(batch -> delete(batch, digest, Optional.empty()));
  }

  @Override
  public List<UploadInfo> uploads(int most) {
    return uploads.list(most);
  }

  @Override
  public int expireUploads(Instant before) {
    return uploads.expire(before);
  }

  @Override
  public Usage usage() {
    var now = counters.now();
    return new Usage(now.blobs(), now.bytes(), uploads.count());
  }

  @Override
  public void close() {
    try {
      owner.close();
    } catch (Exception e) {
      log.warn("store was not closed cleanly", e);
    }
  }

  private Optional<BlobReader> openSmall(Digest digest, BlobRecord.Small blob, ByteRange range)
      throws IOException {
    var info = new BlobInfo(digest, blob.size());
    byte[] bytes;
    try (var permit = permits.acquire()) {
      bytes = database.rocks().get(database.small(), BlobKeys.id(blob.id()));
    } catch (RocksDBException e) {
      throw RocksErrors.isCorruption(e)
          ? damaged(info, blob.id(), e)
          : RocksErrors.of("reading blob " + digest, e);
    }
    if (bytes == null) {
      if (lookUp(digest).filter(blob::equals).isPresent()) {
        throw damaged(info, blob.id(), new IOException("its bytes are not in the database"));
      }
      // Deleted since it was looked up.
      return Optional.empty();
    }
    if (bytes.length != blob.size()) {
      var cause = new IOException("%d bytes (expected: %d)".formatted(bytes.length, blob.size()));
      throw damaged(info, blob.id(), cause);
    }
    return Optional.of(new HeapBlobReader(info, bytes, range));
  }

  private Optional<BlobReader> openLarge(Digest digest, BlobRecord.Large blob, ByteRange range)
      throws IOException {
    readers.enter(blob.id());
    try {
      // Entered, then looked again: either the record is still there, and its files wait for this
      // reader, or it is not.
      boolean current =
          lookUp(digest)
              .filter(now -> now instanceof BlobRecord.Large large && large.id() == blob.id())
              .isPresent();
      if (current) {
        return Optional.of(
            new LargeBlobReader(new BlobInfo(digest, blob.size()), blob, range, reading));
      }
    } catch (IOException | RuntimeException e) {
      readers.leave(blob.id());
      throw e;
    }
    readers.leave(blob.id());
    return Optional.empty();
  }

  /** The record of the blob itself; aliases are followed. */
  private Optional<BlobRecord> lookUp(Digest digest) throws IOException {
    var found = database.record(BlobKeys.record(digest));
    if (found.isPresent() && found.get() instanceof BlobRecord.Alias alias) {
      return database.record(alias.canonical());
    }
    return found;
  }

  /** Deletes a blob if it is there, and still the one with id {@code only} if that is given. */
  private boolean delete(Batch batch, Digest digest, Optional<Long> only)
      throws IOException, RocksDBException {
    var found = batch.record(digest);
    if (found.isEmpty()) {
      return false;
    }
    if (found.get() instanceof BlobRecord.Alias alias) {
      batch.deleteRecord(digest);
      return delete(batch, BlobKeys.digest(alias.canonical()), only);
    }
    long id = id(found.get());
    if (only.isPresent() && only.get() != id) {
      return false;
    }
    batch.deleteRecord(digest);
    batch.delete(database.ids(), BlobKeys.id(id));
    batch.count(-1, -size(found.get()));
    if (found.get() instanceof BlobRecord.Small) {
      batch.delete(database.small(), BlobKeys.id(id));
      batch.afterWrite(() -> presence.deleted(digest));
    } else {
      batch.afterWrite(
          () -> {
            presence.deleted(digest);
            readers.deleted(id);
          });
    }
    return true;
  }

  /** From now on the blob is missing: whoever needs it sends it again. */
  private CorruptBlobException damaged(BlobInfo info, long id, Exception cause) {
    String why = String.valueOf(cause.getMessage());
    var where = Optional.<String>empty();
    Optional<IOException> failure = Optional.empty();
    try {
      where = quarantine(info.digest(), id, why);
    } catch (IOException e) {
      failure = Optional.of(e);
    }
    var exception = new CorruptBlobException(info.digest(), where.orElse("blob id " + id), cause);
    failure.ifPresent(exception::addSuppressed);
    return exception;
  }

  /**
   * Makes a damaged blob missing, records that it was, and frees its space.
   *
   * @return where it was; empty when it is not there any more
   */
  Optional<String> quarantine(Digest digest, long id, String why) throws IOException {
    var found = lookUp(digest).filter(blob -> id(blob) == id);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    var info = new BlobInfo(digest, size(found.get()));
    String where = BlobRecord.filesOf(found.get());
    boolean deleted =
        commits.commit(
            batch -> {
              if (!delete(batch, digest, Optional.of(id))) {
                return false;
              }
              quarantine.add(batch, info, where, why);
              return true;
            });
    if (!deleted) {
      return Optional.empty();
    }
    log.error(
        "blob {} ({} bytes, in {}) is damaged and no longer served: {}",
        digest,
        info.size(),
        where,
        why);
    return Optional.of(where);
  }

  private static boolean isEmpty(Digest digest) {
    return digest.equals(Digest.EMPTY) || digest.equals(EMPTY_SHA512);
  }

  private static long id(BlobRecord blob) {
    return switch (blob) {
      case BlobRecord.Small small -> small.id();
      case BlobRecord.Large large -> large.id();
      case BlobRecord.Alias alias -> throw new IllegalStateException("an alias has no id");
    };
  }

  private static long size(BlobRecord blob) {
    return switch (blob) {
      case BlobRecord.Small small -> small.size();
      case BlobRecord.Large large -> large.size();
      case BlobRecord.Alias alias -> throw new IllegalStateException("an alias has no size");
    };
  }
}
