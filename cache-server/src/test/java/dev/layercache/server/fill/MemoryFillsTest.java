package dev.layercache.server.fill;

import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.memory.MemoryBlobStore;
import java.nio.file.Path;
import java.time.Clock;

class MemoryFillsTest extends FillsContract {
  @Override
  BlobStore openStore(Path at, Clock time) {
    return new MemoryBlobStore(128L << 20, time);
  }
}
