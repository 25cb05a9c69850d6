package dev.layercache.server.http;

import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.memory.MemoryBlobStore;
import dev.layercache.server.http.wire.AccessLog;
import dev.layercache.server.http.wire.HttpLimits;
import dev.layercache.server.image.Images;
import dev.layercache.server.metadata.MemoryMetadataStore;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;

/** A registry on loopback with stores on the heap. */
final class TestRegistry implements AutoCloseable {
  static final long MAX_BLOB = 512 << 20;

  final BlobStore blobs;
  final Images images;
  private final RegistryDoor door;

  private TestRegistry(BlobStore blobs, HttpLimits limits) throws IOException {
    this.blobs = blobs;
    this.images = new Images(blobs, new MemoryMetadataStore(), Clock.systemUTC());
    this.door = RegistryDoor.start(blobs, images, limits, AccessLog.OFF, "127.0.0.1", 0);
  }

  static TestRegistry start() throws IOException {
    return start(HttpLimits.DEFAULT);
  }

  static TestRegistry start(HttpLimits limits) throws IOException {
    return start(new MemoryBlobStore(MAX_BLOB, Clock.systemUTC()), limits);
  }

  static TestRegistry start(BlobStore blobs, HttpLimits limits) throws IOException {
    return new TestRegistry(blobs, limits);
  }

  int port() {
    return door.port();
  }

  String address() {
    return "127.0.0.1:" + port();
  }

  URI uri(String path) {
    return URI.create("http://" + address() + path);
  }

  @Override
  public void close() {
    door.close();
    blobs.close();
  }
}
