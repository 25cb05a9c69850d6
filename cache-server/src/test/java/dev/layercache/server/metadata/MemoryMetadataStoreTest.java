package dev.layercache.server.metadata;

import java.nio.file.Path;

class MemoryMetadataStoreTest extends MetadataStoreContract {
  @Override
  protected MetadataStore open(Path directory) {
    return new MemoryMetadataStore();
  }

  @Override
  protected void close(MetadataStore store) {}

  @Override
  protected boolean durable() {
    return false;
  }
}
