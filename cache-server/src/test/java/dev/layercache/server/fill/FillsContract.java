package dev.layercache.server.fill;

import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What {@link Fills} do on any store. */
abstract class FillsContract
    implements FillReadContract, FillFailureContract, FillLifecycleContract {
  @TempDir private Path directory;
  private final ManualClock clock = new ManualClock();
  private final TestOrigin origin = new TestOrigin("origin.test/base");
  private BlobStore store;
  private Fills fills;

  /** Opens the store, or opens it again after it was closed. */
  abstract BlobStore openStore(Path at, Clock time) throws IOException;

  @BeforeEach
  void open() throws IOException {
    store = openStore(directory, clock);
    fills = fillsWithin(FillLifecycleContract.LIMITS);
  }

  @AfterEach
  void close() {
    fills.close();
    store.close();
  }

  @Override
  public final void restart() throws IOException {
    close();
    open();
  }

  @Override
  public final Fills fillsWithin(FillLimits limits) {
    return new Fills(store, limits, clock);
  }

  @Override
  public final Fills fills() {
    return fills;
  }

  @Override
  public final BlobStore store() {
    return store;
  }

  @Override
  public final ManualClock clock() {
    return clock;
  }

  @Override
  public final TestOrigin origin() {
    return origin;
  }
}
