package dev.layercache.server.blob;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link BlobStore} must do. A test of an implementation extends this and opens it; the
 * tests themselves are in the interfaces, one for each part of the promise.
 */
public abstract class BlobStoreContract
    implements BlobSourceContract,
        BlobUploadContract,
        BlobUploadLifecycleContract,
        BlobFollowContract,
        BlobAdminContract,
        BlobRestartContract,
        BlobRaceContract,
        BlobHistoryContract,
        BlobUsersContract {
  private static final long MAX_BLOB_BYTES = 128L * MIB;

  @TempDir private Path directory;
  private final ManualClock clock = new ManualClock();
  private final Deque<BlobStore> opened = new ArrayDeque<>();

  /**
   * Opens a store on a directory that exists: an empty one, or one where a store was closed before.
   * The test closes it.
   */
  protected abstract BlobStore open(Path directory, long maxBlobBytes, Clock clock)
      throws IOException;

  @Override
  public boolean durable() {
    return true;
  }

  @BeforeEach
  void openStore() throws IOException {
    opened.addFirst(open(Files.createDirectory(directory.resolve("store")), MAX_BLOB_BYTES, clock));
  }

  @AfterEach
  void closeStores() {
    opened.forEach(BlobStore::close);
  }

  @Override
  public final BlobStore store() {
    return opened.getFirst();
  }

  @Override
  public final ManualClock clock() {
    return clock;
  }

  @Override
  public final BlobStore storeTaking(long maxBlobBytes) throws IOException {
    var store = open(Files.createTempDirectory(directory, "small"), maxBlobBytes, clock);
    opened.addLast(store);
    return store;
  }

  @Override
  public final BlobStore reopen() throws IOException {
    opened.removeFirst().close();
    opened.addFirst(open(directory.resolve("store"), MAX_BLOB_BYTES, clock));
    return store();
  }
}
