package dev.layercache.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.server.http.wire.HttpLimits;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TooManyUploadsTest {
  @TempDir private Path data;

  @Test
  void oneMoreIsRefusedAndTakenOnceAnotherWasCancelled() throws Exception {
    var options = StoreOptions.DEFAULTS.toBuilder().maxUploads(2).presenceEntries(16).build();
    try (var store = RocksStore.open(data, options, Clock.systemUTC());
        var registry = TestRegistry.start(store.blobs(), HttpLimits.DEFAULT);
        var client = HttpClient.newHttpClient()) {
      URI uploads = registry.uri("/v2/a/blobs/uploads/");
      var first = begin(client, uploads);
      assertThat(first.statusCode()).isEqualTo(202);
      assertThat(begin(client, uploads).statusCode()).isEqualTo(202);

      var refused = begin(client, uploads);

      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      assertThat(refused.body())
          .contains("TOOMANYREQUESTS")
          .contains("2 uploads are unfinished (expected: fewer than 2)");

      var location = uploads.resolve(first.headers().firstValue("Location").orElseThrow());
      var cancel = HttpRequest.newBuilder(location).DELETE().build();
      assertThat(client.send(cancel, BodyHandlers.discarding()).statusCode()).isEqualTo(204);
      assertThat(begin(client, uploads).statusCode()).isEqualTo(202);
    }
  }

  private static HttpResponse<String> begin(HttpClient client, URI uploads) throws Exception {
    var request = HttpRequest.newBuilder(uploads).POST(BodyPublishers.noBody()).build();
    return client.send(request, BodyHandlers.ofString());
  }
}
