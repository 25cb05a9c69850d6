package dev.layercache.server.crash;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Pushes and pulls images over HTTP as a registry's client does. One thread. */
final class HttpPush implements AutoCloseable {
  private static final String ANY = MediaTypes.OCI_MANIFEST;

  private final String address;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** How a push or pull ended, if the server was there until its end. */
  enum Outcome {
    DONE,
    /** A blob was evicted before its manifest came, or the manifest is not there. */
    MISSING,
    /** The manifest is there and one of its blobs is not. */
    BROKEN,
    /** No room was made in time. */
    FULL
  }

  HttpPush(String address) {
    this.address = address;
  }

  /**
   * @throws IOException if the server is gone
   */
  Outcome push(SeededImage image, String repository, String tag) throws IOException {
    for (var blob : image.descriptors()) {
      if (!blob.digest().equals(image.root().digest()) && !has(repository, blob)) {
        var begun = send("POST", "/v2/%s/blobs/uploads/".formatted(repository), new byte[0]);
        if (isFull(begun)) {
          return Outcome.FULL;
        }
        expect(begun, 202);
        String location = begun.headers().firstValue("Location").orElseThrow();
        String separator = location.indexOf('?') < 0 ? "?" : "&";
        var put =
            send("PUT", location + separator + "digest=" + blob.digest(), image.bytesOf(blob));
        if (isFull(put)) {
          return Outcome.FULL;
        }
        expect(put, 201);
      }
    }
    var put = send("PUT", manifest(repository, tag), image.bytesOf(image.root()));
    if (isFull(put)) {
      return Outcome.FULL;
    }
    if (put.statusCode() == 400 && text(put).contains("MANIFEST_BLOB_UNKNOWN")) {
      return Outcome.MISSING;
    }
    expect(put, 201);
    return Outcome.DONE;
  }

  /**
   * Whether a tag is there and points to this image; then every blob of it must be, byte for byte.
   *
   * @throws IOException if the server is gone
   */
  Outcome pull(SeededImage image, String repository, String tag) throws IOException {
    var found = send("GET", manifest(repository, tag), new byte[0]);
    if (found.statusCode() == 404) {
      return Outcome.MISSING;
    }
    expect(found, 200);
    requireBytes(image.root(), found);
    for (var blob : image.descriptors()) {
      if (!blob.digest().equals(image.root().digest())) {
        var body = send("GET", "/v2/%s/blobs/%s".formatted(repository, blob.digest()), new byte[0]);
        if (body.statusCode() == 404) {
          return Outcome.BROKEN;
        }
        expect(body, 200);
        requireBytes(blob, body);
      }
    }
    return Outcome.DONE;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  private static void requireBytes(Descriptor blob, HttpResponse<byte[]> response) {
    if (!Digest.of(response.body()).equals(blob.digest())) {
      throw new AssertionError(
          "%s: %d wrong bytes".formatted(blob.digest(), response.body().length));
    }
  }

  private boolean has(String repository, Descriptor blob) throws IOException {
    String path = "/v2/%s/blobs/%s".formatted(repository, blob.digest());
    return send("HEAD", path, new byte[0]).statusCode() == 200;
  }

  private static boolean isFull(HttpResponse<byte[]> response) {
    return response.statusCode() == 507;
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private static void expect(HttpResponse<byte[]> response, int status) {
    if (response.statusCode() != status) {
      throw new AssertionError(
          "%s %s answered %d (expected: %d): %s"
              .formatted(
                  response.request().method(),
                  response.uri(),
                  response.statusCode(),
                  status,
                  text(response)));
    }
  }

  private static String manifest(String repository, String tag) {
    return "/v2/%s/manifests/%s".formatted(repository, tag);
  }

  private HttpResponse<byte[]> send(String method, String path, byte[] body) throws IOException {
    var request =
        HttpRequest.newBuilder(URI.create("http://" + address).resolve(path))
            .method(
                method,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
            .header("Content-Type", path.contains("/manifests/") ? ANY : "application/octet-stream")
            .header("Accept", ANY)
            .timeout(Duration.ofSeconds(60))
            .build();
    try {
      return http.send(request, BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
