package dev.layercache.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pulling blobs (OCI distribution-spec, "Pulling blobs"; RFC 9110, 13 and 14). */
class PullBlobTest {
  private static final int SIZE = 1_000_003;

  private final byte[] content = new byte[SIZE];
  private TestRegistry registry;
  private TestClient client;
  private Digest digest;
  private String path;

  @BeforeEach
  void push() throws IOException {
    registry = TestRegistry.start();
    client = new TestClient(registry);
    new Random(1).nextBytes(content);
    digest = client.pushBlob("a/b", content);
    path = "/v2/a/b/blobs/" + digest;
  }

  @AfterEach
  void stop() {
    client.close();
    registry.close();
  }

  @Test
  void aWholeBlobComesWithItsDigestAndLength() throws IOException {
    var reply = client.get(path).expect(200);
    assertThat(reply.body()).isEqualTo(content);
    assertThat(reply.header("Docker-Content-Digest")).isEqualTo(digest.toString());
    assertThat(reply.header("Content-Length")).isEqualTo("" + SIZE);
    assertThat(reply.header("Content-Type")).isEqualTo("application/octet-stream");
    assertThat(reply.header("Accept-Ranges")).isEqualTo("bytes");
    assertThat(reply.header("ETag")).isEqualTo('"' + digest.toString() + '"');
    assertThat(reply.header("X-Request-Id")).isNotBlank();
  }

  @Test
  void headSaysWhatGetWould() throws IOException {
    var reply = client.head(path).expect(200);
    assertThat(reply.body()).isEmpty();
    assertThat(reply.header("Content-Length")).isEqualTo("" + SIZE);
    assertThat(reply.header("Docker-Content-Digest")).isEqualTo(digest.toString());
  }

  @Test
  void aBlobIsNeverCompressedOnTheWay() throws IOException {
    var reply = client.get(path, "Accept-Encoding", "gzip, zstd").expect(200);
    assertThat(reply.hasHeader("Content-Encoding")).isFalse();
    assertThat(reply.body()).isEqualTo(content);
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-0, 0, 0",
    "bytes=10-99, 10, 99",
    "bytes=10-, 10, 1000002",
    "bytes=-7, 999996, 1000002",
    "bytes=-2000000, 0, 1000002",
    "bytes=0-1000002, 0, 1000002",
    "bytes=1000002-99999999999999999999, 1000002, 1000002",
    "bytes=5-9999999, 5, 1000002",
  })
  void aRangeComesWholeWithItsPlace(String range, int first, int last) throws IOException {
    var reply = client.get(path, "Range", range).expect(206);
    assertThat(reply.header("Content-Range"))
        .isEqualTo("bytes %d-%d/%d".formatted(first, last, SIZE));
    assertThat(reply.body()).isEqualTo(Arrays.copyOfRange(content, first, last + 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=1000003-", "bytes=1000003-1000009", "bytes=-0"})
  void aRangeBehindTheEndIsNotSatisfiable(String range) throws IOException {
    var reply = client.get(path, "Range", range).expectError(416, "SIZE_INVALID");
    assertThat(reply.header("Content-Range")).isEqualTo("bytes */" + SIZE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=0-1,5-9",
        "bytes=0-1, -5",
        "lines=1-2",
        "bytes=9-1",
        "bytes=-",
        "bytes=a-b",
        "bytes=--1",
        "0-5"
      })
  void severalRangesAndOnesThatMakeNoSenseGetEverything(String range) throws IOException {
    assertThat(client.get(path, "Range", range).expect(200).body()).isEqualTo(content);
  }

  @Test
  void whatTheClientHasIsNotSentAgain() throws IOException {
    String tag = '"' + digest.toString() + '"';
    for (String condition : new String[] {tag, "W/" + tag, "\"x\", " + tag, "*"}) {
      var reply = client.get(path, "If-None-Match", condition).expect(304);
      assertThat(reply.body()).isEmpty();
      assertThat(reply.header("ETag")).isEqualTo(tag);
      client.head(path, "If-None-Match", condition).expect(304);
    }
    client.get(path, "If-None-Match", "\"other\"").expect(200);
  }

  @Test
  void aRangeOfAnotherContentGetsEverything() throws IOException {
    String tag = '"' + digest.toString() + '"';
    client.get(path, "Range", "bytes=1-2", "If-Range", tag).expect(206);
    client.get(path, "Range", "bytes=1-2", "If-Range", "\"other\"").expect(200);
    client.get(path, "Range", "bytes=1-2", "If-Range", "W/" + tag).expect(200);
    client.get(path, "Range", "bytes=1-2", "If-Range", "Mon, 01 Jan 2024 00:00:00 GMT").expect(200);
  }

  @Test
  void anAbsentBlobIsUnknown() throws IOException {
    String absent = "/v2/a/b/blobs/" + Digest.of(new byte[] {1});
    client.get(absent).expectError(404, "BLOB_UNKNOWN");
    client.get(absent, "Range", "bytes=0-1").expectError(404, "BLOB_UNKNOWN");
    client.head(absent).expect(404);
  }

  @Test
  void theEmptyBlobIsAnOrdinaryBlob() throws IOException {
    assertThat(client.get("/v2/a/b/blobs/" + Digest.EMPTY).expect(200).body()).isEmpty();
    assertThat(client.head("/v2/a/b/blobs/" + Digest.EMPTY).expect(200).header("Content-Length"))
        .isEqualTo("0");
  }

  @Test
  void aBlobOfOneRepositoryIsThereInAnother() throws IOException {
    client.head("/v2/never/pushed/to/blobs/" + digest).expect(200);
  }

  @Test
  void deletionIsVisibleAtOnceInOneRepositoryUntilThePushIsRepeated() throws IOException {
    client.delete(path).expect(202);
    client.head(path).expect(404);
    client.get(path).expectError(404, "BLOB_UNKNOWN");
    client.get(path, "Range", "bytes=0-1").expect(404);
    client.delete(path).expectError(404, "BLOB_UNKNOWN");
    client.head("/v2/other/blobs/" + digest).expect(200);
    client.pushBlob("a/b", content);
    client.get(path).expect(200);
  }

  @Test
  void anUpstreamThatIsNotConfiguredIsIgnored() throws IOException {
    client.get(path + "?ns=registry.example").expect(200);
  }
}
