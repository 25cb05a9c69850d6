package dev.layercache.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** Pushes to a registry on loopback that asks for no login. */
public record PlainRegistry(int port) {
  /** The only blob of an image. */
  static final Digest CONFIG = Digest.of("{}".getBytes(UTF_8));

  /** Waits until somebody listens. */
  static void awaitReady(int port) throws IOException {
    for (int i = 0; i < 300; i++) {
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
        return;
      } catch (IOException e) {
        pause();
      }
    }
    throw new IOException("nobody listens at port " + port);
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Pushes an image of a configuration alone; its digest. */
  Digest pushImage(String repository, String tag) throws IOException {
    pushBlob(repository, CONFIG, "{}".getBytes(UTF_8));
    String manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":2},\"layers\":[]}"
            .formatted(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_CONFIG, CONFIG);
    pushManifest(repository, tag, MediaTypes.OCI_MANIFEST, manifest.getBytes(UTF_8));
    return Digest.of(manifest.getBytes(UTF_8));
  }

  /** Pushes a blob whole. */
  public void pushBlob(String repository, Digest digest, byte[] content) throws IOException {
    var uploads = URI.create(base() + "/v2/" + repository + "/blobs/uploads/");
    String location =
        send("POST", uploads, new byte[0], "", 202).headers().firstValue("Location").orElseThrow();
    var blob = URI.create(location + "&digest=" + digest);
    send("PUT", blob, content, "application/octet-stream", 201);
  }

  /** Puts a manifest whose blobs are there under a tag. */
  public void pushManifest(String repository, String tag, String mediaType, byte[] manifest)
      throws IOException {
    var at = URI.create(base() + "/v2/" + repository + "/manifests/" + tag);
    send("PUT", at, manifest, mediaType, 201);
  }

  private String base() {
    return "http://127.0.0.1:" + port;
  }

  private static HttpResponse<String> send(
      String method, URI target, byte[] body, String type, int expected) throws IOException {
    var request = HttpRequest.newBuilder(target).method(method, BodyPublishers.ofByteArray(body));
    if (!type.isEmpty()) {
      request.header("Content-Type", type);
    }
    try (var http = HttpClient.newHttpClient()) {
      var answer = http.send(request.build(), BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(expected);
      return answer;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
