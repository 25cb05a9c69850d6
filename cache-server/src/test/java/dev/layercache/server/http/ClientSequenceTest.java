package dev.layercache.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What clients send, request by request, where the client itself cannot be run in a test: newer
 * versions, or features that packaged ones lack.
 */
class ClientSequenceTest {
  private final byte[] layer = new byte[2_000_000];
  private final Digest digest;
  private TestRegistry registry;
  private TestClient client;

  ClientSequenceTest() {
    new Random(4).nextBytes(layer);
    digest = Digest.of(layer);
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

  @Test
  void dockersPushOfALayer() throws IOException {
    client.head("/v2/a/blobs/" + digest).expect(404);
    String location =
        client
            .post("/v2/a/blobs/uploads/?mount=" + digest + "&from=b")
            .expect(202)
            .header("Location");
    try (var raw = new RawConnection(registry.port())) {
      raw.send(
          "PATCH %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n"
              .formatted(location, layer.length));
      raw.send(layer);
      var patched = raw.send("\r\n0\r\n\r\n").reply().expect(202);
      assertThat(patched.header("Range")).isEqualTo("0-1999999");
      raw.send(
          "PUT %s&digest=%s HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
              .formatted(patched.header("Location"), digest));
      raw.reply().expect(201);
      raw.send("HEAD /v2/a/blobs/%s HTTP/1.1\r\nHost: x\r\n\r\n".formatted(digest));
      assertThat(raw.headReply().expect(200).header("Content-Length")).isEqualTo("2000000");
    }
  }

  @Test
  void containerdsPushThroughAMirrorNamesTheUpstreamOnEveryRequest() throws IOException {
    String ns = "ns=registry.example";
    client.head("/v2/a/blobs/" + digest + "?" + ns).expect(404);
    String location = client.post("/v2/a/blobs/uploads/?" + ns).expect(202).header("Location");
    client.put(TestClient.with(location, "digest=" + digest + "&" + ns), layer).expect(201);
    client.head("/v2/a/manifests/v1?" + ns).expect(404);
    client.pushBlob("a", "{}");
    byte[] manifest = TestManifests.image("{}").getBytes(StandardCharsets.UTF_8);
    client
        .put("/v2/a/manifests/v1?" + ns, manifest, "Content-Type", MediaTypes.OCI_MANIFEST)
        .expect(201);
    assertThat(client.head("/v2/a/manifests/v1?" + ns).header("Docker-Content-Digest"))
        .isEqualTo(Digest.of(manifest).toString());
  }

  @Test
  void containerdsParallelFetchAsksForTheRestAndClosesEarly() throws IOException {
    client.pushBlob("a", layer);
    for (int offset = 0; offset < layer.length; offset += 500_000) {
      try (var raw = new RawConnection(registry.port())) {
        raw.send(
            "GET /v2/a/blobs/%s HTTP/1.1\r\nHost: x\r\nRange: bytes=%d-\r\n\r\n"
                .formatted(digest, offset));
        var head = raw.headOfReply().expect(206);
        assertThat(head.header("Content-Range"))
            .isEqualTo("bytes %d-1999999/2000000".formatted(offset));
        byte[] part = raw.input().readNBytes(500_000);
        assertThat(part).isEqualTo(Arrays.copyOfRange(layer, offset, offset + 500_000));
      }
    }
  }

  @Test
  void buildKitsCacheExportPushesLayersConfigAndIndex() throws IOException {
    client.head("/v2/cache/blobs/" + digest).expect(404);
    String location = client.begin("cache");
    client.put(TestClient.with(location, "digest=" + digest), layer).expect(201);
    client.pushBlob("cache", "cache config");
    String index =
        """
        {"schemaVersion":2,"mediaType":"%s","manifests":[{"mediaType":"%s","digest":"%s","size":2000000,"annotations":{"buildkit/createdat":"2026-01-01T00:00:00Z"}},%s]}"""
            .formatted(
                MediaTypes.OCI_INDEX,
                MediaTypes.OCI_LAYER_GZIP,
                digest,
                TestManifests.descriptor(
                    "application/vnd.buildkit.cacheconfig.v0", "cache config"));
    client.head("/v2/cache/manifests/main").expect(404);
    client.pushManifest("cache", "main", index).expect(201);
    client.head("/v2/cache/blobs/" + digest).expect(200);
    client.pushManifest("cache", "main", index).expect(201);
    assertThat(client.get("/v2/cache/manifests/main").expect(200).header("Content-Type"))
        .isEqualTo(MediaTypes.OCI_INDEX);
  }

  @Test
  void buildKitsCacheExportAsAnImageManifest() throws IOException {
    String manifest =
        """
        {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[{"mediaType":"%s","digest":"%s","size":2000000}]}"""
            .formatted(
                MediaTypes.OCI_MANIFEST,
                TestManifests.descriptor("application/vnd.buildkit.cacheconfig.v0", "cache config"),
                MediaTypes.OCI_LAYER_GZIP,
                digest);
    client.head("/v2/cache/blobs/" + digest).expect(404);
    client.put(TestClient.with(client.begin("cache"), "digest=" + digest), layer).expect(201);
    client.pushBlob("cache", "cache config");
    client.head("/v2/cache/manifests/main").expect(404);
    client.pushManifest("cache", "main", manifest).expect(201);

    var found = client.head("/v2/cache/manifests/main").expect(200);
    String pinned = found.header("Docker-Content-Digest");
    assertThat(client.get("/v2/cache/manifests/" + pinned).expect(200).body())
        .asString()
        .isEqualTo(manifest);
    var config = TestManifests.digest("cache config");
    assertThat(client.get("/v2/cache/blobs/" + config).expect(200).body())
        .asString()
        .isEqualTo("cache config");
    assertThat(client.get("/v2/cache/blobs/" + digest).expect(200).body()).isEqualTo(layer);

    client.head("/v2/cache/blobs/" + digest).expect(200);
    client.head("/v2/cache/blobs/" + config).expect(200);
    client.pushManifest("cache", "main", manifest).expect(201);
  }

  @Test
  void podmanCancelsTheSessionOfAFailedMount() throws IOException {
    client.get("/v2/").expect(200);
    String location =
        client
            .post("/v2/a/blobs/uploads/?mount=" + digest + "&from=b")
            .expect(202)
            .header("Location");
    client.delete(location).expect(204);
    assertThat(registry.blobs.usage().uploads()).isZero();
  }

  @Test
  void zstdChunkedClientsGetEverythingForSeveralRanges() throws IOException {
    client.pushBlob("a", layer);
    var reply = client.get("/v2/a/blobs/" + digest, "Range", "bytes=0-9,100-199,1999990-1999999");
    assertThat(reply.expect(200).body()).isEqualTo(layer);
  }
}
