package dev.layercache.server.store;

import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.BlobStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;

class RocksBlobStoreTest extends BlobStoreContract {
  @Override
  protected BlobStore open(Path directory, long maxBlobBytes, Clock clock) throws IOException {
    var options =
        StoreOptions.DEFAULTS
            .withMaxBlobBytes(maxBlobBytes)
            .withSegmentBytes(16L << 20)
            .withPresenceEntries(1 << 10);
    return RocksStore.open(directory, options, clock).blobs();
  }
}
