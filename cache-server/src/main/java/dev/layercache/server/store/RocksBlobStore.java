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
import java.util.OptionalLong;
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

  /** A blob that is gone and stored again while it is opened is looked for once more. */
  private static final int MAX_TRIES = 3;

  private final Database database;
  private final GroupCommit commits;
  private final Counters counters;
  private final PresenceCache presence;
  private final AbsenceFilter absent;
  private final Uploads uploads;
  private final Permits permits;
  private final OpenReaders readers;
  private final Quarantine quarantine;
  private final BlobDeletion deletion;
  private final UseTimes uses;
  private final RecentUses recent;
  private final Duration patience;
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
      BlobDeletion deletion,
      UseTimes uses,
      RecentUses recent,
      Duration patience,
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
    var keys = new DirectBuffers(BlobKeys.CHUNK_KEY, 1, IDLE_KEYS);
    this.deletion = deletion;
    this.uses = uses;
    this.recent = recent;
    this.patience = patience;
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
    var found = deletion.find(digest).map(blob -> new BlobInfo(digest, blob.record().size()));
    found.ifPresent(info -> presence.found(digest, info.size(), ticket));
    return found;
  }

  @Override
  public Optional<BlobReader> open(Digest digest, ByteRange range) throws IOException {
    if (isEmpty(digest)) {
      return Optional.of(new HeapBlobReader(new BlobInfo(digest, 0), new byte[0], range));
    }
    for (int tries = 0; tries < MAX_TRIES; tries++) {
      long ticket = recent.ticket();
      var blob = deletion.find(digest);
      if (blob.isEmpty()) {
        return Optional.empty();
      }
      renew(blob.get().digest());
      if (recent.stands(ticket) || survives(blob.get().digest())) {
        var opened = open(digest, blob.get().record(), range);
        if (opened.isPresent()) {
          return opened;
        }
      }
    }
    return Optional.empty();
  }

  /** Opens a blob without renewing its life; the empty one is not there. */
  Optional<BlobReader> openUnrenewed(Digest digest, ByteRange range) throws IOException {
    var blob = deletion.find(digest);
    return blob.isEmpty() ? Optional.empty() : open(digest, blob.get().record(), range);
  }

  private Optional<BlobReader> open(Digest digest, BlobRecord.Stored blob, ByteRange range)
      throws IOException {
    return switch (blob) {
      case BlobRecord.Small small -> openSmall(digest, small, range);
      case BlobRecord.Large large -> openLarge(digest, large, range);
    };
  }

  @Override
  public Set<Digest> findMissing(Collection<Digest> digests) throws IOException {
    var missing = new LinkedHashSet<Digest>();
    int now = recent.now();
    int hour = uses.hour();
    for (var digest : digests) {
      if (!isRenewed(digest, now, hour)) {
        missing.add(digest);
      }
    }
    return missing;
  }

  @Override
  public Optional<long[]> sizesAtOnce(List<Digest> digests) {
    var sizes = new long[digests.size()];
    int now = recent.now();
    int hour = uses.hour();
    for (int i = 0; i < sizes.length; i++) {
      var size = sizeAtOnce(digests.get(i), now, hour);
      if (size.isEmpty()) {
        return Optional.empty();
      }
      sizes[i] = size.getAsLong();
    }
    return Optional.of(sizes);
  }

  /** As {@link #isRenewed}, out of memory or not at all. */
  private OptionalLong sizeAtOnce(Digest digest, int now, int hour) {
    if (isEmpty(digest)) {
      return OptionalLong.of(0);
    }
    long ticket = recent.ticket();
    long known = presence.use(digest, hour);
    if (known == PresenceCache.UNKNOWN) {
      return absent.isAbsent(digest) ? OptionalLong.of(ABSENT) : OptionalLong.empty();
    }
    recent.used(digest, now);
    if ((known & PresenceCache.FIRST_USE) != 0) {
      uses.used(digest, hour);
    }
    return recent.stands(ticket)
        ? OptionalLong.of(known & ~PresenceCache.FIRST_USE)
        : OptionalLong.empty();
  }

  /** Whether the blob is there, which from now on it is for as long as an eviction spares it. */
  private boolean isRenewed(Digest digest, int now, int hour) throws IOException {
    if (isEmpty(digest)) {
      return true;
    }
    long ticket = recent.ticket();
    long known = presence.use(digest, hour);
    if (known == PresenceCache.UNKNOWN) {
      return isRenewedSlowly(digest, now, hour);
    }
    recent.used(digest, now);
    if ((known & PresenceCache.FIRST_USE) != 0) {
      uses.used(digest, hour);
    }
    return recent.stands(ticket) || survives(digest);
  }

  private boolean isRenewedSlowly(Digest digest, int now, int hour) throws IOException {
    if (stat(digest).isEmpty()) {
      return false;
    }
    long ticket = recent.ticket();
    var found = deletion.find(digest);
    if (found.isEmpty()) {
      return false;
    }
    var blob = found.get().digest();
    presence.use(blob, hour);
    recent.used(blob, now);
    uses.used(blob, hour);
    return recent.stands(ticket) || survives(blob);
  }

  /** Whether a blob that was renewed in the middle of an eviction is still there after it. */
  private boolean survives(Digest digest) throws IOException {
    return recent.awaitDecision(digest, patience) && deletion.find(digest).isPresent();
  }

  private void renew(Digest digest) {
    int hour = uses.hour();
    recent.used(digest, recent.now());
    if ((presence.use(digest, hour) & PresenceCache.FIRST_USE) != 0) {
      uses.used(digest, hour);
    }
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
    return !isEmpty(digest)
        && commits.commit(batch -> deletion.delete(batch, digest, Optional.empty()).isPresent());
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
      if (deletion.find(digest).filter(now -> now.record().equals(blob)).isPresent()) {
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
          deletion.find(digest).filter(now -> now.record().id() == blob.id()).isPresent();
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
    var found = deletion.find(digest).filter(blob -> blob.record().id() == id);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    var info = new BlobInfo(digest, found.get().record().size());
    String where = BlobRecord.filesOf(found.get().record());
    boolean deleted =
        commits.commit(
            batch -> {
              if (deletion.delete(batch, digest, Optional.of(id)).isEmpty()) {
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
}
