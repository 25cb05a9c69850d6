package dev.layercache.server.fill;

import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;

class RocksFillsTest extends FillsContract {
  @Override
  BlobStore openStore(Path at, Clock time) throws IOException {
    var options =
        StoreOptions.DEFAULTS.toBuilder().segmentBytes(1L << 20).presenceEntries(1 << 10).build();
    return RocksStore.open(at, options, time).blobs();
  }
}
