package dev.layercache.load.server;

import dev.layercache.load.data.Blob;
import dev.layercache.load.http.RegistryClient;
import dev.layercache.load.measure.ProcessMeter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;

/** A server that takes requests. Whoever started it closes it; closing deletes what it stored. */
public interface Server extends AutoCloseable {

  /** As in the tables. */
  String name();

  /** Where it speaks HTTP. */
  InetSocketAddress http();

  /** What it uses; empty when it is not a process of ours. */
  Optional<ProcessMeter> meter();

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
