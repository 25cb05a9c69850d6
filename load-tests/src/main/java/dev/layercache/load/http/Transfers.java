package dev.layercache.load.http;

import dev.layercache.load.data.Blob;
import dev.layercache.load.measure.Load;
import dev.layercache.load.parallel.Workers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Blobs of one repository over several connections, each one blob after another. */
public final class Transfers {
  private final InetSocketAddress server;
  private final String repository;

  public Transfers(InetSocketAddress server, String repository) {
    this.server = server;
    this.repository = repository;
  }

  /** Stores every blob, {@code atOnce} at a time. */
  public Load push(int atOnce, List<Blob> blobs) throws IOException, InterruptedException {
    return run(atOnce, blobs, RegistryClient::push);
  }

  /** Receives every blob, {@code atOnce} at a time, and looks at lengths only. */
  public Load pull(int atOnce, List<Blob> blobs) throws IOException, InterruptedException {
    return run(atOnce, blobs, RegistryClient::pull);
  }

  /** Receives every blob and compares its digest. */
  public void verify(List<Blob> blobs) throws IOException, InterruptedException {
    run(1, blobs, RegistryClient::pullVerified);
  }

  private interface Transfer {
    void run(RegistryClient client, Blob blob) throws IOException;
  }

  private Load run(int atOnce, List<Blob> blobs, Transfer transfer)
      throws IOException, InterruptedException {
    var clients = new ArrayList<RegistryClient>();
    try {
      for (int i = 0; i < atOnce; i++) {
        clients.add(new RegistryClient(server, repository));
      }
      var load =
          Workers.run(
              atOnce,
              blobs,
              (worker, blob) -> {
                transfer.run(clients.get(worker), blob);
                return blob.size();
              });
      return load.withSocketBytes(clients.stream().mapToLong(RegistryClient::socketBytes).sum());
    } finally {
      for (var client : clients) {
        client.close();
      }
    }
  }
}
