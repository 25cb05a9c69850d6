package dev.layercache.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A push over HTTP goes on after the server was killed, and after it was stopped. */
@Timeout(180)
class HttpUploadTest {
  /** Segments of an upload are finished, and so durable, every 128 MiB. */
  private static final int SEGMENT = 128 << 20;

  private final byte[] blob = new byte[SEGMENT + (20 << 20)];
  private final Digest digest;
  @TempDir private Path directory;

  HttpUploadTest() {
    new Random(11).nextBytes(blob);
    digest = Digest.of(blob);
  }

  @Test
  void goesOnAtTheLastFinishedSegmentAfterTheServerWasKilled() throws Exception {
    String location;
    try (var server = ServerProcess.start(directory.resolve("data"))) {
      location = begin(server);
      try (var socket = sendPart(server, location, blob.length - 1)) {
        awaitPosition(server, location, SEGMENT + 1);
        server.kill();
      }
    }
    try (var server = ServerProcess.start(directory.resolve("data"))) {
      assertThat(position(server, location)).isEqualTo(SEGMENT);
      finish(server, location, SEGMENT);
    }
  }

  @Test
  void goesOnWhereItWasAfterTheServerWasStopped() throws Exception {
    int sent = 3_000_001;
    String location;
    try (var server = ServerProcess.start(directory.resolve("data"))) {
      location = begin(server);
      try (var socket = sendPart(server, location, sent)) {
        awaitPosition(server, location, sent);
      }
      server.stop();
    }
    try (var server = ServerProcess.start(directory.resolve("data"))) {
      assertThat(position(server, location)).isEqualTo(sent);
      finish(server, location, sent);
    }
  }

  private static String begin(ServerProcess server) throws Exception {
    return call(server, "POST", "/v2/a/blobs/uploads/", new byte[0], "")
        .headers()
        .firstValue("Location")
        .orElseThrow();
  }

  /** Announces the whole blob, sends a part of it, and leaves the connection open. */
  private Socket sendPart(ServerProcess server, String location, int count) throws IOException {
    var uri = URI.create("http://" + server.http());
    var socket = new Socket(uri.getHost(), uri.getPort());
    OutputStream out = socket.getOutputStream();
    String head =
        "PATCH %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
            .formatted(location, blob.length);
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.write(blob, 0, count);
    return socket;
  }

  private static void awaitPosition(ServerProcess server, String location, long wanted)
      throws Exception {
    for (long at = 0; at < wanted; at = position(server, location)) {
      Thread.sleep(20);
    }
  }

  private static long position(ServerProcess server, String location) throws Exception {
    String range =
        call(server, "GET", location, new byte[0], "").headers().firstValue("Range").orElseThrow();
    return range.equals("0-0") ? 0 : Long.parseLong(range.substring("0-".length())) + 1;
  }

  private void finish(ServerProcess server, String location, int from) throws Exception {
    byte[] rest = Arrays.copyOfRange(blob, from, blob.length);
    String range = "%d-%d".formatted(from, blob.length - 1);
    var patched = call(server, "PATCH", location, rest, range);
    assertThat(patched.statusCode()).isEqualTo(202);
    String end = patched.headers().firstValue("Location").orElseThrow() + "&digest=" + digest;
    assertThat(call(server, "PUT", end, new byte[0], "").statusCode()).isEqualTo(201);
    var stored = call(server, "GET", "/v2/a/blobs/" + digest, new byte[0], "");
    assertThat(ByteBuffer.wrap(stored.body()).mismatch(ByteBuffer.wrap(blob))).isEqualTo(-1);
  }

  private static HttpResponse<byte[]> call(
      ServerProcess server, String method, String path, byte[] body, String range)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://" + server.http() + path))
            .method(method, BodyPublishers.ofByteArray(body));
    if (!range.isEmpty()) {
      request.header("Content-Range", range);
    }
    try (var http = HttpClient.newHttpClient()) {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }
  }
}
