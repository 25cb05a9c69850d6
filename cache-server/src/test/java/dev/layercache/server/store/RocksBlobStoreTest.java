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
        StoreOptions.DEFAULTS.toBuilder()
            .maxBlobBytes(maxBlobBytes)
            .segmentBytes(16L << 20)
            .presenceEntries(1 << 10)
            .build();
    return RocksStore.open(directory, options, clock).blobs();
  }
}
