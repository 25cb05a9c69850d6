package dev.layercache.server.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.client.LayercacheException;
import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.client.TransferListener;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.crash.SeededImage;
import dev.layercache.server.retention.RepositoryRule.Keep;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tags that a rule makes immutable stay where they are, whichever door is used. */
@Timeout(120)
class ImmutableTagsTest {
  private static final ImageReference V1 = ImageReference.parse("ci/app:v1");
  private static final RepositoryRule RULE =
      new RepositoryRule(
          "ci/*",
          Keep.WHILE_TAGGED,
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.of("v*"));

  @TempDir private Path directory;
  private ServerFixture server;
  private SeededImage first;
  private SeededImage second;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeEach
  void start() throws IOException {
    server = ServerFixture.start(directory.resolve("data"), 1L << 40, RULE);
    first = server.push("ci/app:v1", 1);
    second = server.push("ci/app:latest", 2);
  }

  @AfterEach
  void stop() {
    http.close();
    server.close();
  }

  @Test
  void overHttpATagIsNeitherMovedNorRemoved() throws Exception {
    requireDenied(send("PUT", "v1", bytes(second)));
    requireDenied(send("DELETE", "v1", new byte[0]));
    requireDenied(send("DELETE", first.root().digest().toString(), new byte[0]));
    requireUnmoved();
  }

  @Test
  void overGrpcATagIsNeitherMovedNorRemoved() throws Exception {
    requireInvalid(() -> server.client.pushImage(second, V1, TransferListener.NONE));
    requireInvalid(() -> server.client.deleteTag(V1));
    requireUnmoved();
  }

  @Test
  void theSameImageMayBePushedAgainAndOtherTagsMove() throws Exception {
    assertThat(send("PUT", "v1", bytes(first)).statusCode()).isEqualTo(201);
    server.client.pushImage(first, V1, TransferListener.NONE);
    requireUnmoved();

    assertThat(send("PUT", "latest", bytes(first)).statusCode()).isEqualTo(201);
    server.client.pushImage(second, ImageReference.parse("ci/app:latest"), TransferListener.NONE);
    server.client.deleteTag(ImageReference.parse("ci/app:latest"));
    server.push("team/app:v1", 1);
    server.push("team/app:v1", 2);
  }

  @Test
  void aTagThatIsNotThereYetIsFree() throws Exception {
    assertThat(send("PUT", "v2", bytes(second)).statusCode()).isEqualTo(201);
    requireDenied(send("PUT", "v2", bytes(first)));
  }

  private void requireUnmoved() throws IOException {
    assertThat(server.client.resolve(V1).manifest().digest()).isEqualTo(first.root().digest());
    var pulled = get("v1");
    assertThat(pulled.statusCode()).isEqualTo(200);
    assertThat(pulled.body()).isEqualTo(bytes(first));
  }

  private static void requireInvalid(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(LayercacheException.class)
        .hasMessageContaining("ci/app:v1")
        .hasMessageContaining("immutable")
        .extracting(e -> ((LayercacheException) e).kind())
        .isEqualTo(Kind.INVALID);
  }

  private static void requireDenied(HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).isEqualTo(409);
    assertThat(new String(response.body(), StandardCharsets.UTF_8))
        .contains("\"DENIED\"")
        .contains("immutable");
  }

  private static byte[] bytes(SeededImage image) {
    return image.manifest(image.root());
  }

  private HttpResponse<byte[]> get(String reference) throws IOException {
    return send("GET", reference, new byte[0]);
  }

  private HttpResponse<byte[]> send(String method, String reference, byte[] body)
      throws IOException {
    var uri =
        URI.create(
            "http://%s/v2/ci/app/manifests/%s".formatted(server.server.httpAddress(), reference));
    var publisher = body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body);
    try {
      return http.send(
          HttpRequest.newBuilder(uri)
              .method(method, publisher)
              .header("Content-Type", MediaTypes.OCI_MANIFEST)
              .timeout(Duration.ofSeconds(30))
              .build(),
          BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
