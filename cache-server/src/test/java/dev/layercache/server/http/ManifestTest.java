package dev.layercache.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.oci.ManifestParser;
import dev.layercache.oci.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Manifests, tags and their deletion (OCI distribution-spec, "Pushing Manifests"). */
class ManifestTest {
  private TestRegistry registry;
  private TestClient client;

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

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aManifestComesBackByTagAndByDigestExactlyAsItWasPushed() throws IOException {
    String manifest = client.pushImage("a/b", "v1", "layer");
    String digest = TestManifests.digest(manifest).toString();
    for (String reference : new String[] {"v1", digest}) {
      var got = client.get("/v2/a/b/manifests/" + reference).expect(200);
      assertThat(got.body()).isEqualTo(utf8(manifest));
      var head = client.head("/v2/a/b/manifests/" + reference).expect(200);
      for (var reply : new Reply[] {got, head}) {
        assertThat(reply.header("Docker-Content-Digest")).isEqualTo(digest);
        assertThat(reply.header("Content-Length")).isEqualTo("" + utf8(manifest).length);
        assertThat(reply.header("Content-Type")).isEqualTo(MediaTypes.OCI_MANIFEST);
      }
      client.get("/v2/a/b/manifests/" + reference, "If-None-Match", '"' + digest + '"').expect(304);
    }
  }

  @Test
  void aPushSaysWhereAndWhatIsStored() throws IOException {
    client.pushBlob("a", "{}");
    String manifest = TestManifests.image("{}");
    var reply = client.pushManifest("a", "v1", manifest).expect(201);
    String digest = TestManifests.digest(manifest).toString();
    assertThat(reply.header("Docker-Content-Digest")).isEqualTo(digest);
    client.get(reply.header("Location")).expect(200);
  }

  @Test
  void aManifestThatNamesAbsentBlobsIsRefusedAndSaysWhich() throws IOException {
    client.pushBlob("a", "{}");
    String manifest = TestManifests.image("{}", "one", "two");
    var errors =
        client.pushManifest("a", "v1", manifest).expectError(400, "MANIFEST_BLOB_UNKNOWN").json();
    assertThat(errors.path("errors").findValuesAsText("digest"))
        .containsExactly(
            TestManifests.digest("one").toString(), TestManifests.digest("two").toString());
    client.get("/v2/a/manifests/v1").expectError(404, "MANIFEST_UNKNOWN");
  }

  @Test
  void anIndexNeedsItsManifests() throws IOException {
    String amd64 = client.pushImage("a", "amd64", "x86");
    String missing = TestManifests.image("{}", "arm");
    client
        .pushManifest("a", "all", TestManifests.index(amd64, missing))
        .expectError(400, "MANIFEST_BLOB_UNKNOWN");
    String nested = TestManifests.index(amd64);
    client.pushManifest("a", "nested", nested).expect(201);
    client.pushManifest("a", "all", TestManifests.index(amd64)).expect(201);
  }

  @Test
  void severalTagsInOnePush() throws IOException {
    client.pushBlob("a", "{}");
    String manifest = TestManifests.image("{}");
    String tags =
        IntStream.range(0, 12).mapToObj(i -> "tag=v" + i).collect(Collectors.joining("&"));
    var reply =
        client.pushManifest("a", TestManifests.digest(manifest) + "?" + tags, manifest).expect(201);
    assertThat(reply.header("OCI-Tag")).contains("v0", "v11");
    client.head("/v2/a/manifests/v11").expect(200);
    String tooMany =
        IntStream.range(0, 101).mapToObj(i -> "tag=v" + i).collect(Collectors.joining("&"));
    client
        .pushManifest("a", TestManifests.digest(manifest) + "?" + tooMany, manifest)
        .expectError(414, "MANIFEST_INVALID");
  }

  @Test
  void aSubjectIsAcknowledgedThoughItIsAbsent() throws IOException {
    client.pushBlob("a", "{}");
    String subject = TestManifests.image("{}", "absent");
    var reply =
        client
            .pushManifest("a", "sbom", TestManifests.artifact(subject, "test/sbom", "x"))
            .expect(201);
    assertThat(reply.header("OCI-Subject")).isEqualTo(TestManifests.digest(subject).toString());
  }

  @Test
  void theDigestInThePathMustBeThatOfTheBody() throws IOException {
    client.pushBlob("a", "{}");
    String manifest = TestManifests.image("{}");
    client
        .pushManifest("a", Digest.of(new byte[] {1}).toString(), manifest)
        .expectError(400, "DIGEST_INVALID");
    var sha512 =
        Digest.fromBytes(
            DigestAlgorithm.SHA512, DigestAlgorithm.SHA512.newHash().digest(utf8(manifest)));
    var reply = client.pushManifest("a", sha512.toString(), manifest).expect(201);
    assertThat(reply.header("Docker-Content-Digest")).isEqualTo(sha512.toString());
    client.get("/v2/a/manifests/" + sha512).expect(200);
  }

  @Test
  void theContentTypeMustBeTheMediaType() throws IOException {
    client.pushBlob("a", "{}");
    byte[] manifest = utf8(TestManifests.image("{}"));
    client
        .put("/v2/a/manifests/v1", manifest, "Content-Type", MediaTypes.OCI_INDEX)
        .expectError(400, "MANIFEST_INVALID");
    client
        .put(
            "/v2/a/manifests/v1",
            manifest,
            "Content-Type",
            MediaTypes.OCI_MANIFEST + "; charset=utf-8")
        .expect(201);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "[]",
        "{}",
        "{\"schemaVersion\":2",
        "{\"schemaVersion\":1,\"fsLayers\":[]}",
        "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}",
        "{\"schemaVersion\":2,\"config\":{\"digest\":\"sha256:x\",\"size\":1},\"layers\":[]}",
        "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}"
      })
  void whatIsNoManifestIsRefused(String malformed) throws IOException {
    client
        .put("/v2/a/manifests/v1", utf8(malformed), "Content-Type", MediaTypes.OCI_MANIFEST)
        .expectError(400, "MANIFEST_INVALID");
  }

  @Test
  void deepNestingIsRefused() throws IOException {
    client
        .put(
            "/v2/a/manifests/v1",
            utf8("{\"schemaVersion\":2,\"x\":" + "[".repeat(100_000)),
            "Content-Type",
            MediaTypes.OCI_MANIFEST)
        .expectError(400, "MANIFEST_INVALID");
  }

  @Test
  void schema1IsRefused() throws IOException {
    client
        .put("/v2/a/manifests/v1", utf8("{}"), "Content-Type", MediaTypes.DOCKER_SCHEMA1_SIGNED)
        .expectError(400, "MANIFEST_INVALID");
  }

  @Test
  void anUnknownMediaTypeIsStoredAsItIs() throws IOException {
    client
        .put("/v2/a/manifests/v1", utf8("anything"), "Content-Type", "application/x-thing")
        .expect(201);
    var got = client.get("/v2/a/manifests/v1").expect(200);
    assertThat(got.body()).isEqualTo(utf8("anything"));
    assertThat(got.header("Content-Type")).isEqualTo("application/x-thing");
  }

  @Test
  void fourMebibytesAreTakenAndNoByteMore() throws IOException {
    byte[] large = new byte[ManifestParser.MAX_BYTES];
    Arrays.fill(large, (byte) ' ');
    client.put("/v2/a/manifests/v1", large, "Content-Type", "application/x-thing").expect(201);
    byte[] larger = new byte[ManifestParser.MAX_BYTES + 1];
    client
        .put("/v2/a/manifests/v1", larger, "Content-Type", "application/x-thing")
        .expectError(413, "SIZE_INVALID");
    // Bytes are handed over in pieces, so it takes one more to be refused before the end.
    byte[] endless = new byte[ManifestParser.MAX_BYTES + (64 << 10)];
    try (var raw = new RawConnection(registry.port())) {
      raw.send(
          "PUT /v2/a/manifests/v1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
              + Integer.toHexString(endless.length + 1)
              + "\r\n");
      raw.send(endless).reply().expectError(413, "SIZE_INVALID");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-x", ".x", "a*b", "sha256:12", "sha999:12", ":"})
  void aMalformedReferenceIsRefused(String reference) throws IOException {
    assertThat(client.get("/v2/a/manifests/" + reference).status()).isEqualTo(400);
    assertThat(client.put("/v2/a/manifests/" + reference, utf8("{}")).status()).isEqualTo(400);
    assertThat(client.delete("/v2/a/manifests/" + reference).status()).isEqualTo(400);
  }

  @Test
  void aDeletedTagLeavesItsManifest() throws IOException {
    String manifest = client.pushImage("a", "v1", "layer");
    client.delete("/v2/a/manifests/v1").expect(202);
    client.get("/v2/a/manifests/v1").expectError(404, "MANIFEST_UNKNOWN");
    client.head("/v2/a/manifests/v1").expect(404);
    client.delete("/v2/a/manifests/v1").expectError(404, "MANIFEST_UNKNOWN");
    client.get("/v2/a/manifests/" + TestManifests.digest(manifest)).expect(200);
  }

  @Test
  void aDeletedManifestTakesItsTagsAlongInOneRepository() throws IOException {
    String manifest = client.pushImage("a", "v1", "layer");
    client.pushImage("b", "v1", "layer");
    String path = "/manifests/" + TestManifests.digest(manifest);
    client.delete("/v2/a" + path).expect(202);
    client.get("/v2/a" + path).expect(404);
    client.get("/v2/a/manifests/v1").expect(404);
    client.delete("/v2/a" + path).expect(404);
    client.get("/v2/b" + path).expect(200);
  }

  @Test
  void aManifestWithoutItsBlobsIsNotServed() throws IOException {
    client.pushImage("a", "v1", "layer");
    client.delete("/v2/a/blobs/" + TestManifests.digest("layer")).expect(202);
    client.get("/v2/a/manifests/v1").expectError(404, "MANIFEST_UNKNOWN");
    client.pushBlob("a", "layer");
    client.get("/v2/a/manifests/v1").expect(200);
  }

  @Test
  void buildKitsCacheIndexNamesLayers() throws IOException {
    client.pushBlob("a", "layer");
    client.pushBlob("a", "cache config");
    String index =
        """
        {"schemaVersion":2,"mediaType":"%s","manifests":[%s,%s]}\
        """
            .formatted(
                MediaTypes.OCI_INDEX,
                TestManifests.descriptor(MediaTypes.OCI_LAYER_GZIP, "layer"),
                TestManifests.descriptor(
                    "application/vnd.buildkit.cacheconfig.v0", "cache config"));
    client.pushManifest("a", "cache", index).expect(201);
    assertThat(client.get("/v2/a/manifests/cache").expect(200).body()).isEqualTo(utf8(index));
  }

  @Test
  void buildKitsCacheManifestHasItsOwnConfigType() throws IOException {
    client.pushBlob("a", "layer");
    client.pushBlob("a", "cache config");
    String manifest =
        """
        {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}\
        """
            .formatted(
                MediaTypes.OCI_MANIFEST,
                TestManifests.descriptor("application/vnd.buildkit.cacheconfig.v0", "cache config"),
                TestManifests.descriptor(MediaTypes.OCI_LAYER_GZIP, "layer"));
    client.pushManifest("a", "cache", manifest).expect(201);
  }

  @Test
  void aPutThatExpectsWhatTheTagPointsToNoticesAnotherOne() throws IOException {
    String one = client.pushImage("a", "v1", "one");
    String two = client.pushImage("a", "other", "two");
    String path = "/v2/a/manifests/v1";
    byte[] bytes = two.getBytes(StandardCharsets.UTF_8);
    String[] stale = {"Content-Type", Reply.mediaType(two), "If-Match", tag(two)};
    String[] right = {
      "Content-Type",
      Reply.mediaType(two),
      "If-Match",
      "\"sha256:%s\", %s".formatted("0".repeat(64), tag(one))
    };
    client.put(path, bytes, stale).expectError(412, "DENIED");
    assertThat(client.get(path).body()).asString().isEqualTo(one);
    client.put(path, bytes, right).expect(201);
    client.put(path, bytes, right).expectError(412, "DENIED");
    assertThat(client.get(path).body()).asString().isEqualTo(two);
  }

  @Test
  void aPutOfANewTagNoticesThatItIsTaken() throws IOException {
    String one = client.pushImage("a", "v1", "one");
    byte[] bytes = one.getBytes(StandardCharsets.UTF_8);
    String[] absent = {"Content-Type", Reply.mediaType(one), "If-None-Match", "*"};
    String[] present = {"Content-Type", Reply.mediaType(one), "If-Match", "*"};
    client.put("/v2/a/manifests/v1", bytes, absent).expectError(412, "DENIED");
    client.put("/v2/a/manifests/v2", bytes, present).expectError(412, "DENIED");
    client.put("/v2/a/manifests/v2", bytes, absent).expect(201);
    client.put("/v2/a/manifests/v2", bytes, present).expect(201);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "\"v1\"", "\"", "sha256:abc", "W/\"x\""})
  void aMalformedConditionIsRefused(String condition) throws IOException {
    String one = client.pushImage("a", "v1", "one");
    byte[] bytes = one.getBytes(StandardCharsets.UTF_8);
    assertThat(
            client
                .put(
                    "/v2/a/manifests/v1",
                    bytes,
                    "Content-Type",
                    Reply.mediaType(one),
                    "If-Match",
                    condition)
                .status())
        .isEqualTo(400);
  }

  private static String tag(String manifest) {
    return '"' + TestManifests.digest(manifest).toString() + '"';
  }
}
