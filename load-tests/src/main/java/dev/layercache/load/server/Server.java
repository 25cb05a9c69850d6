package dev.layercache.load.server;

import dev.layercache.load.data.Blob;
import dev.layercache.load.http.RegistryClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A server of the OCI distribution API, or of blobs at its paths. Whoever started it closes it;
 * closing deletes what it stored.
 */
public interface Server extends Endpoint, AutoCloseable {

  /** Where it speaks HTTP. */
  InetSocketAddress http();

  /** Where it stores blobs on this machine; empty when it runs elsewhere. */
  default Optional<Path> data() {
    return Optional.empty();
  }

  /** Whether it takes pushes; otherwise blobs get there by {@link #place} only. */
  default boolean takesPushes() {
    return true;
  }

  /** Has {@code blob} stored in {@code repository}, outside any measurement. */
  default void place(String repository, Blob blob) throws IOException {
    try (var client = new RegistryClient(http(), repository)) {
      client.push(blob);
    }
  }

  @Override
  void close();
}
