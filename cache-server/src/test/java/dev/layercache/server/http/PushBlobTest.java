package dev.layercache.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pushing blobs in every way that there is (OCI distribution-spec, "Pushing blobs"). */
class PushBlobTest {
  private final byte[] content = new byte[3_000_001];
  private final Digest digest;
  private TestRegistry registry;
  private TestClient client;

  PushBlobTest() {
    new Random(2).nextBytes(content);
    digest = Digest.of(content);
  }

  @BeforeEach
  void start() throws IOException {
    registry = TestRegistry.start();
    client = new TestClient(registry);
  }

  @AfterEach
  void stop() {
    client.close();
    registry.close();
  }

  private void assertStored(String repository, Digest stored) throws IOException {
    client.head("/v2/" + repository + "/blobs/" + stored).expect(200);
    assertThat(client.get("/v2/" + repository + "/blobs/" + stored).body()).isEqualTo(content);
    assertThat(registry.blobs.usage().uploads()).isZero();
  }

  private static byte[] part(byte[] of, int from, int to) {
    return Arrays.copyOfRange(of, from, to);
  }

  @Test
  void inOnePost() throws IOException {
    var reply = client.post("/v2/a/blobs/uploads/?digest=" + digest, content).expect(201);
    assertThat(reply.header("Location")).isEqualTo("/v2/a/blobs/" + digest);
    assertThat(reply.header("Docker-Content-Digest")).isEqualTo(digest.toString());
    assertStored("a", digest);
  }

  @Test
  void inPostAndPut() throws IOException {
    String location = client.begin("a/b");
    assertThat(location).startsWith("/v2/a/b/blobs/uploads/").doesNotContain("%");
    var reply = client.put(TestClient.with(location, "digest=" + digest), content).expect(201);
    assertThat(reply.header("Location")).isEqualTo("/v2/a/b/blobs/" + digest);
    assertStored("a/b", digest);
  }

  @Test
  void inOneStreamedPatchWithoutRange() throws IOException {
    try (var raw = new RawConnection(registry.port())) {
      String location = client.begin("a");
      raw.send("PATCH " + location + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int at = 0; at < content.length; at += 100_000) {
        byte[] part = part(content, at, Math.min(content.length, at + 100_000));
        raw.send(Integer.toHexString(part.length) + "\r\n").send(part).send("\r\n");
      }
      var patched = raw.send("0\r\n\r\n").reply().expect(202);
      assertThat(patched.header("Range")).isEqualTo("0-3000000");
      client
          .put(TestClient.with(patched.header("Location"), "digest=" + digest), new byte[0])
          .expect(201);
    }
    assertStored("a", digest);
  }

  @Test
  void inChunksWithRanges() throws IOException {
    var first =
        client
            .patch(client.begin("a"), part(content, 0, 1_000_000), "Content-Range", "0-999999")
            .expect(202);
    assertThat(first.header("Range")).isEqualTo("0-999999");
    var second =
        client
            .patch(
                first.header("Location"),
                part(content, 1_000_000, 2_000_000),
                "Content-Range",
                "1000000-1999999")
            .expect(202);
    client
        .put(
            TestClient.with(second.header("Location"), "digest=" + digest),
            part(content, 2_000_000, content.length),
            "Content-Range",
            "2000000-3000000")
        .expect(201);
    assertStored("a", digest);
  }

  @Test
  void aChunkOutOfOrderIsRefusedAndTheSessionGoesOn() throws IOException {
    String location = client.begin("a");
    var empty = client.get(location).expect(204);
    assertThat(empty.header("Range")).isEqualTo("0-0");
    var early = client.patch(location, new byte[10], "Content-Range", "5-14");
    assertThat(early.expectError(416, "BLOB_UPLOAD_INVALID").header("Range")).isEqualTo("0-0");
    client.patch(location, part(content, 0, 1000), "Content-Range", "0-999").expect(202);
    var again = client.patch(location, part(content, 0, 1000), "Content-Range", "0-999");
    assertThat(again.expect(416).header("Range")).isEqualTo("0-999");
    var put =
        client.put(
            TestClient.with(location, "digest=" + digest),
            new byte[7],
            "Content-Range",
            "2000-2006");
    put.expect(416);
    var status = client.get(location).expect(204);
    assertThat(status.header("Range")).isEqualTo("0-999");
    client
        .put(
            TestClient.with(status.header("Location"), "digest=" + digest),
            part(content, 1000, content.length))
        .expect(201);
    assertStored("a", digest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes 0-9/10",
        "0-",
        "-9",
        "9-0",
        "a-b",
        "0-9-10",
        "0x0-9",
        "0-99999999999999999999"
      })
  void aMalformedContentRangeIsRefusedAndTheSessionGoesOn(String range) throws IOException {
    String location = client.begin("a");
    client
        .patch(location, new byte[10], "Content-Range", range)
        .expectError(400, "BLOB_UPLOAD_INVALID");
    assertThat(client.get(location).expect(204).header("Range")).isEqualTo("0-0");
  }

  @Test
  void aChunkOfAnotherLengthThanItsRangeIsRefused() throws IOException {
    client
        .patch(client.begin("a"), new byte[10], "Content-Range", "0-10")
        .expectError(400, "SIZE_INVALID");
  }

  @Test
  void aBrokenConnectionLeavesTheUploadAtTheExactByte() throws Exception {
    String location = client.begin("a");
    try (var raw = new RawConnection(registry.port())) {
      raw.send("PATCH " + location + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3000001\r\n\r\n");
      raw.send(part(content, 0, 1_234_567));
      awaitRange(location, "0-1234566");
    }
    var status = client.get(location).expect(204);
    assertThat(status.header("Range")).isEqualTo("0-1234566");
    var rest =
        client
            .patch(
                status.header("Location"),
                part(content, 1_234_567, content.length),
                "Content-Range",
                "1234567-3000000")
            .expect(202);
    client
        .put(TestClient.with(rest.header("Location"), "digest=" + digest), new byte[0])
        .expect(201);
    assertStored("a", digest);
  }

  private void awaitRange(String location, String range) throws Exception {
    for (int i = 0; i < 500 && !client.get(location).header("Range").equals(range); i++) {
      Thread.sleep(10);
    }
    assertThat(client.get(location).header("Range")).isEqualTo(range);
  }

  /** What containerd does: the same request again, from the first byte. */
  @Test
  void aPutThatBrokeOffMayStartOver() throws Exception {
    String location = client.begin("a");
    String target = TestClient.with(location, "digest=" + digest);
    try (var raw = new RawConnection(registry.port())) {
      raw.send("PUT " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3000001\r\n\r\n");
      raw.send(part(content, 0, 1_000_000));
      awaitRange(location, "0-999999");
    }
    client.put(target, content).expect(201);
    assertStored("a", digest);
  }

  @Test
  void aWrongDigestIsRefusedAgainAndAgain() throws IOException {
    for (int i = 0; i < 5; i++) {
      client
          .put(TestClient.with(client.begin("a"), "digest=" + Digest.of(new byte[] {9})), content)
          .expectError(400, "DIGEST_INVALID");
      client
          .post("/v2/a/blobs/uploads/?digest=" + Digest.of(new byte[] {9}), content)
          .expectError(400, "DIGEST_INVALID");
    }
    assertThat(registry.blobs.usage().uploads()).isZero();
    client.head("/v2/a/blobs/" + digest).expect(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sha256:abc", "md5:d41d8cd98f00b204e9800998ecf8427e", "x", "", "sha256:"})
  void aMalformedDigestIsRefusedAndTheSessionGoesOn(String malformed) throws IOException {
    String location = client.begin("a");
    client
        .put(TestClient.with(location, "digest=" + malformed), content)
        .expectError(400, "DIGEST_INVALID");
    client.put(location, content).expectError(400, "DIGEST_INVALID");
    client.get(location).expect(204);
    client
        .post("/v2/a/blobs/uploads/?digest=" + malformed, content)
        .expectError(400, "DIGEST_INVALID");
    client.post("/v2/a/blobs/uploads/?mount=" + malformed).expectError(400, "DIGEST_INVALID");
    client.get("/v2/a/blobs/" + malformed).expectError(400, "DIGEST_INVALID");
  }

  @Test
  void sha512WithAndWithoutAnnouncement() throws IOException {
    var sha512 =
        Digest.fromBytes(DigestAlgorithm.SHA512, DigestAlgorithm.SHA512.newHash().digest(content));
    var announced = client.post("/v2/a/blobs/uploads/?digest-algorithm=sha512").expect(202);
    client
        .put(TestClient.with(announced.header("Location"), "digest=" + sha512), content)
        .expect(201);
    assertStored("a", sha512);
    client.put(TestClient.with(client.begin("b"), "digest=" + sha512), content).expect(201);
    assertStored("b", sha512);
    client.post("/v2/a/blobs/uploads/?digest-algorithm=sha1").expectError(400, "DIGEST_INVALID");
  }

  @Test
  void theEmptyBlobAndEmptyJsonAreOrdinaryBlobs() throws IOException {
    for (byte[] small : new byte[][] {new byte[0], "{}".getBytes(StandardCharsets.UTF_8)}) {
      client.pushBlob("a", small);
      assertThat(client.get("/v2/a/blobs/" + Digest.of(small)).expect(200).body()).isEqualTo(small);
    }
  }

  @Test
  void aCancelledUploadIsGone() throws IOException {
    String location = client.begin("a");
    client.patch(location, new byte[5]).expect(202);
    client.delete(location).expect(204);
    client.get(location).expectError(404, "BLOB_UPLOAD_UNKNOWN");
    client.patch(location, new byte[5]).expectError(404, "BLOB_UPLOAD_UNKNOWN");
    client.put(TestClient.with(location, "digest=" + digest), content).expect(404);
    client.delete(location).expectError(404, "BLOB_UPLOAD_UNKNOWN");
    assertThat(registry.blobs.usage().uploads()).isZero();
  }

  @Test
  void anUploadIsGoodInItsRepositoryOnly() throws IOException {
    String location = client.begin("a");
    String elsewhere = location.replace("/v2/a/", "/v2/b/");
    client.get(elsewhere).expectError(404, "BLOB_UPLOAD_UNKNOWN");
    client.patch(elsewhere, new byte[5]).expect(404);
    client.delete(elsewhere).expect(404);
    client.get(location).expect(204);
  }

  @Test
  void whatIsStoredIsMountedWithOrWithoutItsOrigin() throws IOException {
    client.pushBlob("origin", content);
    for (String query : new String[] {"mount=" + digest + "&from=origin", "mount=" + digest}) {
      var reply = client.post("/v2/copy/blobs/uploads/?" + query).expect(201);
      assertThat(reply.header("Location")).isEqualTo("/v2/copy/blobs/" + digest);
      assertThat(reply.header("Docker-Content-Digest")).isEqualTo(digest.toString());
    }
    assertStored("copy", digest);
  }

  @Test
  void aMountThatIsNotPossibleBeginsAnUpload() throws IOException {
    var absent = client.post("/v2/a/blobs/uploads/?mount=" + digest + "&from=b").expect(202);
    client.put(TestClient.with(absent.header("Location"), "digest=" + digest), content).expect(201);
    client.delete("/v2/b/blobs/" + digest).expect(202);
    client.post("/v2/c/blobs/uploads/?mount=" + digest + "&from=b").expect(202);
    client
        .post("/v2/c/blobs/uploads/?mount=" + digest + "&from=Not%20a%20name")
        .expectError(400, "NAME_INVALID");
  }

  @Test
  void aMountClearsADeletion() throws IOException {
    client.pushBlob("a", content);
    client.delete("/v2/a/blobs/" + digest).expect(202);
    client.post("/v2/a/blobs/uploads/?mount=" + digest + "&from=b").expect(201);
    client.head("/v2/a/blobs/" + digest).expect(200);
  }

  @Test
  void aBlobBeyondTheMaximumIsRefused() throws IOException {
    try (var raw = new RawConnection(registry.port())) {
      raw.send(
          "POST /v2/a/blobs/uploads/?digest=%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
              .formatted(digest, TestRegistry.MAX_BLOB + 1));
      raw.reply().expectError(413, "SIZE_INVALID");
    }
    assertThat(registry.blobs.usage().uploads()).isZero();
  }
}
