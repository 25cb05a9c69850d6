package dev.layercache.load.fill;

import dev.layercache.load.data.Blob;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;

/** The durable store without a server around it. Thread-safe; whoever opened it closes it. */
public final class BareStore implements AutoCloseable {
  private final RocksStore store;

  private BareStore(RocksStore store) {
    this.store = store;
  }

  /** With the server's own options. */
  public static BareStore open(Path directory) throws IOException {
    return new BareStore(RocksStore.open(directory, StoreOptions.DEFAULTS, Clock.systemUTC()));
  }

  /**
   * With another boundary between the log and files.
   *
   * @param smallBlobBytes blobs up to this size are written through the log
   */
  public static BareStore open(Path directory, int smallBlobBytes) throws IOException {
    var options = StoreOptions.DEFAULTS.toBuilder().smallBlobBytes(smallBlobBytes).build();
    return new BareStore(RocksStore.open(directory, options, Clock.systemUTC()));
  }

  public BlobStore blobs() {
    return store.blobs();
  }

  /** Stores a blob durably. */
  public void put(Blob blob) throws IOException {
    try (var upload = store.blobs().begin(UploadHint.of(blob.digest(), blob.size()))) {
      upload.write(ByteBuffer.wrap(blob.content()));
      upload.commit(blob.digest());
    }
  }

  @Override
  public void close() {
    store.close();
  }
}
