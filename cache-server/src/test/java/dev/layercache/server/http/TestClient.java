package dev.layercache.server.http;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.TreeMap;

/** Requests to a registry under test, and the workflows that many tests begin with. */
final class TestClient implements AutoCloseable {
  private final TestRegistry registry;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  TestClient(TestRegistry registry) {
    this.registry = registry;
  }

  Reply get(String path, String... headers) throws IOException {
    return send("GET", path, BodyPublishers.noBody(), headers);
  }

  Reply head(String path, String... headers) throws IOException {
    return send("HEAD", path, BodyPublishers.noBody(), headers);
  }

  Reply delete(String path) throws IOException {
    return send("DELETE", path, BodyPublishers.noBody());
  }

  Reply post(String path, byte[] body, String... headers) throws IOException {
    return send("POST", path, BodyPublishers.ofByteArray(body), headers);
  }

  Reply post(String path) throws IOException {
    return post(path, new byte[0]);
  }

  Reply put(String path, byte[] body, String... headers) throws IOException {
    return send("PUT", path, BodyPublishers.ofByteArray(body), headers);
  }

  Reply patch(String path, byte[] body, String... headers) throws IOException {
    return send("PATCH", path, BodyPublishers.ofByteArray(body), headers);
  }

  Reply send(String method, String path, BodyPublisher body, String... headers) throws IOException {
    var request =
        HttpRequest.newBuilder(registry.uri(path))
            .method(method, body)
            .timeout(Duration.ofSeconds(30));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      var response = http.send(request.build(), BodyHandlers.ofByteArray());
      return new Reply(
          response.statusCode(), new TreeMap<>(response.headers().map()), response.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Begins an upload and answers where it goes on. */
  String begin(String repository) throws IOException {
    return post("/v2/" + repository + "/blobs/uploads/").expect(202).header("Location");
  }

  /** Adds a query parameter, as clients do. */
  static String with(String location, String parameter) {
    return location + (location.indexOf('?') < 0 ? '?' : '&') + parameter;
  }

  Digest pushBlob(String repository, byte[] content) throws IOException {
    var digest = Digest.of(content);
    put(with(begin(repository), "digest=" + digest), content).expect(201);
    return digest;
  }

  Digest pushBlob(String repository, String content) throws IOException {
    return pushBlob(repository, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Pushes a manifest of its own media type. */
  Reply pushManifest(String repository, String reference, String manifest) throws IOException {
    var type = Reply.mediaType(manifest);
    return put(
        "/v2/" + repository + "/manifests/" + reference,
        manifest.getBytes(StandardCharsets.UTF_8),
        "Content-Type",
        type);
  }

  /** Pushes a small image and answers its manifest. */
  String pushImage(String repository, String tag, String layer) throws IOException {
    pushBlob(repository, "{}");
    pushBlob(repository, layer);
    String manifest = TestManifests.image("{}", layer);
    pushManifest(repository, tag, manifest).expect(201);
    return manifest;
  }

  @Override
  public void close() {
    http.close();
  }
}
