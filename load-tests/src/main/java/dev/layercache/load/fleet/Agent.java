package dev.layercache.load.fleet;

import dev.layercache.load.data.Blob;
import dev.layercache.load.http.RegistryClient;
import dev.layercache.oci.Digest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * A build machine: remembers which layers it has and asks before it sends, as docker does. One
 * thread at a time.
 */
final class Agent {
  private final InetSocketAddress server;
  private final boolean caching;
  private final LongAdder socketBytes;
  private final Set<Digest> held = new HashSet<>();

  /**
   * @param caching false: every image moves whole, each time
   * @param socketBytes counts what passes its sockets
   */
  Agent(InetSocketAddress server, boolean caching, LongAdder socketBytes) {
    this.server = server;
    this.caching = caching;
    this.socketBytes = socketBytes;
  }

  void run(Job job) throws IOException {
    if (job.newest().isPresent()) {
      pull(job.newest().get());
    }
    pullBase(job.built().base());
    job.built().own().forEach(layer -> held.add(layer.digest()));
    held.add(job.built().config().digest());
    push(job.built());
  }

  private void pull(Image image) throws IOException {
    try (var client = new RegistryClient(server, image.repository())) {
      client.manifest("latest");
      for (var blob : image.blobs()) {
        pull(client, blob);
      }
      socketBytes.add(client.socketBytes());
    }
  }

  private void pullBase(Image.Base base) throws IOException {
    try (var client = new RegistryClient(server, base.repository())) {
      for (var layer : base.layers()) {
        pull(client, layer);
      }
      socketBytes.add(client.socketBytes());
    }
  }

  private void pull(RegistryClient client, Blob blob) throws IOException {
    if (held.add(blob.digest()) || !caching) {
      client.pull(blob);
    }
  }

  private void push(Image image) throws IOException {
    try (var client = new RegistryClient(server, image.repository())) {
      for (var blob : image.blobs()) {
        push(client, image.base(), blob);
      }
      client.putManifest("latest", image.manifest());
      socketBytes.add(client.socketBytes());
    }
  }

  private void push(RegistryClient client, Image.Base base, Blob blob) throws IOException {
    if (!caching) {
      client.push(blob);
    } else if (!client.has(blob.digest())) {
      if (base.layers().contains(blob)) {
        client.mountOrPush(blob, base.repository());
      } else {
        client.push(blob);
      }
    }
  }
}
