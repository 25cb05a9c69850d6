package dev.layercache.server.store;

import dev.layercache.server.metadata.MetadataStore;
import dev.layercache.server.metadata.MetadataStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

class RocksMetadataStoreTest extends MetadataStoreContract {
  private final Map<MetadataStore, RocksStore> opened = new IdentityHashMap<>();

  @Override
  protected MetadataStore open(Path directory) throws IOException {
    var store =
        RocksStore.open(
            directory,
            StoreOptions.DEFAULTS.toBuilder().presenceEntries(16).build(),
            Clock.systemUTC());
    opened.put(store.metadata(), store);
    return store.metadata();
  }

  @Override
  protected void close(MetadataStore store) {
    Optional.ofNullable(opened.remove(store)).orElseThrow().close();
  }
}
