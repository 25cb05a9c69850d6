package dev.layercache.server.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.server.blob.BlobCounters;
import dev.layercache.server.blob.MeteredBlobStore;
import dev.layercache.server.http.RegistryDoor;
import dev.layercache.server.http.wire.AccessLog;
import dev.layercache.server.http.wire.HttpLimits;
import dev.layercache.server.image.Images;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A registry on loopback, on the durable store, that says how many bytes moved. */
final class RegistryServer implements AutoCloseable {
  private final BlobCounters counters = new BlobCounters();
  private final List<AccessLog.Entry> log = new CopyOnWriteArrayList<>();
  private final RocksStore store;
  private final RegistryDoor door;

  RegistryServer(Path data) throws IOException {
    store = RocksStore.open(data, StoreOptions.DEFAULTS, Clock.systemUTC());
    var blobs = new MeteredBlobStore(store.blobs(), counters);
    var images = new Images(blobs, store.metadata(), Clock.systemUTC());
    door = RegistryDoor.start(blobs, images, HttpLimits.DEFAULT, log::add, "127.0.0.1", 0);
  }

  String address() {
    return "127.0.0.1:" + door.port();
  }

  /** Bytes that came in since the start. */
  long received() {
    return counters.snapshot().bytesReceived();
  }

  /** Bytes that went out since the start. */
  long sent() {
    return counters.snapshot().bytesSent();
  }

  /** Requests that were answered since the start. */
  int requests() {
    return log.size();
  }

  /**
   * The requests since {@code mark} were those of a push whose blobs are all there: at most 3 about
   * each of its layers and its config, and none with a body.
   */
  void requireFewRoundTrips(int mark, int layers) {
    var aboutBlobs =
        log.subList(mark, log.size()).stream()
            .filter(entry -> entry.target().contains("/blobs/"))
            .toList();
    assertThat(aboutBlobs).hasSizeBetween(1, 3 * (layers + 1));
    assertThat(aboutBlobs).extracting(AccessLog.Entry::method).doesNotContain("PATCH", "PUT");
  }

  int status(String method, String path) throws IOException {
    return call(method, path).statusCode();
  }

  /** What is answered to GET. */
  String get(String path) throws IOException {
    return call("GET", path).body();
  }

  /** The digest that a tag points to. */
  String digestOf(String repository, String tag) throws IOException {
    return call("HEAD", "/v2/" + repository + "/manifests/" + tag)
        .headers()
        .firstValue("Docker-Content-Digest")
        .orElseThrow();
  }

  private HttpResponse<String> call(String method, String path) throws IOException {
    var uri = URI.create("http://" + address() + path);
    var request =
        HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build();
    try (var http = HttpClient.newHttpClient()) {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
    store.close();
  }
}
