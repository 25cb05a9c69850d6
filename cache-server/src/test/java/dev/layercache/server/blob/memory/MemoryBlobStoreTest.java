package dev.layercache.server.blob.memory;

import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.BlobStoreContract;
import java.nio.file.Path;
import java.time.Clock;

class MemoryBlobStoreTest extends BlobStoreContract {
  @Override
  protected BlobStore open(Path directory, long maxBlobBytes, Clock clock) {
    return new MemoryBlobStore(maxBlobBytes, clock);
  }

  @Override
  public boolean durable() {
    return false;
  }
}
