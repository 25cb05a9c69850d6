package dev.layercache.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.layercache.oci.MediaTypes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of tags, repositories and referrers (OCI distribution-spec, "Content Discovery"). */
class DiscoveryTest {
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>; rel=\"next\"");

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

  private static List<String> texts(JsonNode array) {
    var texts = new ArrayList<String>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /** Follows the links to the end. */
  private List<String> all(String path, String field) throws IOException {
    var all = new ArrayList<String>();
    for (String at = path; !at.isEmpty(); ) {
      var reply = client.get(at).expect(200);
      all.addAll(texts(reply.json().path(field)));
      var next = NEXT.matcher(reply.header("Link"));
      at = next.find() ? next.group(1) : "";
    }
    return all;
  }

  @Test
  void tagsComeInOrderAPageAtATime() throws IOException {
    for (String tag : new String[] {"b", "B", "a", "1", "_x", "c"}) {
      client.pushImage("repo", tag, "layer");
    }
    var sorted = List.of("1", "B", "_x", "a", "b", "c");
    var everything = client.get("/v2/repo/tags/list").expect(200);
    assertThat(everything.json().path("name").asText()).isEqualTo("repo");
    assertThat(texts(everything.json().path("tags"))).isEqualTo(sorted);
    assertThat(everything.hasHeader("Link")).isFalse();
    assertThat(all("/v2/repo/tags/list?n=1", "tags")).isEqualTo(sorted);
    assertThat(all("/v2/repo/tags/list?n=4", "tags")).isEqualTo(sorted);
    var behind = client.get("/v2/repo/tags/list?n=2&last=B").expect(200);
    assertThat(texts(behind.json().path("tags"))).containsExactly("_x", "a");
    assertThat(behind.header("Link")).isEqualTo("</v2/repo/tags/list?n=2&last=a>; rel=\"next\"");
    assertThat(texts(client.get("/v2/repo/tags/list?last=b").json().path("tags")))
        .containsExactly("c");
  }

  @Test
  void extremeNumbersDoNotHurt() throws IOException {
    client.pushImage("repo", "v1", "layer");
    var none = client.get("/v2/repo/tags/list?n=0").expect(200);
    assertThat(texts(none.json().path("tags"))).isEmpty();
    assertThat(none.json().path("tags").isArray()).isTrue();
    assertThat(none.hasHeader("Link")).isFalse();
    for (String n : new String[] {"2147483648", "2147483647", "99999999999999999999999999"}) {
      assertThat(all("/v2/repo/tags/list?n=" + n, "tags")).containsExactly("v1");
      assertThat(all("/v2/_catalog?n=" + n, "repositories")).containsExactly("repo");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "x", "1.5", "", "0x1", "+1"})
  void whatIsNoNumberIsRefused(String n) throws IOException {
    client.pushImage("repo", "v1", "layer");
    client.get("/v2/repo/tags/list?n=" + n).expectError(400, "UNSUPPORTED");
    client.get("/v2/_catalog?n=" + n).expectError(400, "UNSUPPORTED");
  }

  @Test
  void aListOfAnUnknownRepositoryIsNotFound() throws IOException {
    client.get("/v2/nothing/here/tags/list").expectError(404, "NAME_UNKNOWN");
    client.get("/v2/repo/tags/list?last=-bad").expectError(400, "UNSUPPORTED");
  }

  @Test
  void theCatalogComesInOrderAPageAtATime() throws IOException {
    for (String repository : new String[] {"b", "a/b", "a", "c-d"}) {
      client.pushImage(repository, "v1", "layer");
    }
    var sorted = List.of("a", "a/b", "b", "c-d");
    assertThat(all("/v2/_catalog", "repositories")).isEqualTo(sorted);
    assertThat(all("/v2/_catalog?n=1", "repositories")).isEqualTo(sorted);
    assertThat(all("/v2/_catalog?n=3", "repositories")).isEqualTo(sorted);
    assertThat(client.get("/v2/_catalog?n=0").json().path("repositories")).isEmpty();
  }

  @Test
  void referrersOfAnUnknownSubjectAreAnEmptyIndex() throws IOException {
    var reply =
        client.get("/v2/never/seen/referrers/" + TestManifests.digest("nothing")).expect(200);
    assertThat(reply.header("Content-Type")).isEqualTo(MediaTypes.OCI_INDEX);
    assertThat(reply.json().path("manifests").isArray()).isTrue();
    assertThat(reply.json().path("manifests")).isEmpty();
    assertThat(reply.json().path("schemaVersion").asInt()).isEqualTo(2);
    client.get("/v2/a/referrers/sha256:12").expectError(400, "DIGEST_INVALID");
    client
        .get("/v2/a/referrers/" + TestManifests.digest("nothing") + "?last=x")
        .expectError(400, "DIGEST_INVALID");
  }

  @Test
  void referrersCarryTypeAndAnnotationsAndCanBeFiltered() throws IOException {
    String image = client.pushImage("a", "v1", "layer");
    String sbom = TestManifests.artifact(image, "test/sbom+x", "one");
    String signature = TestManifests.artifact(image, "test/signature", "two");
    client.pushManifest("a", TestManifests.digest(sbom).toString(), sbom).expect(201);
    client.pushManifest("a", TestManifests.digest(signature).toString(), signature).expect(201);
    String path = "/v2/a/referrers/" + TestManifests.digest(image);

    var everything = client.get(path).expect(200);
    assertThat(everything.json().path("manifests")).hasSize(2);
    assertThat(everything.hasHeader("OCI-Filters-Applied")).isFalse();

    var filtered = client.get(path + "?artifactType=test/sbom%2Bx").expect(200);
    assertThat(filtered.header("OCI-Filters-Applied")).isEqualTo("artifactType");
    assertThat(filtered.json().path("manifests")).hasSize(1);
    var found = filtered.json().path("manifests").path(0);
    assertThat(found.path("digest").asText()).isEqualTo(TestManifests.digest(sbom).toString());
    assertThat(found.path("artifactType").asText()).isEqualTo("test/sbom+x");
    assertThat(found.path("annotations").path("note").asText()).isEqualTo("one");
    assertThat(found.path("size").asInt()).isEqualTo(sbom.length());

    client.delete("/v2/a/manifests/" + TestManifests.digest(sbom)).expect(202);
    assertThat(client.get(path).json().path("manifests")).hasSize(1);
  }

  @Test
  void referrersComeAPageAtATime() throws IOException {
    String image = client.pushImage("a", "v1", "layer");
    for (int i = 0; i < 5; i++) {
      String artifact = TestManifests.artifact(image, "test/sbom+x", "number " + i);
      client.pushManifest("a", TestManifests.digest(artifact).toString(), artifact).expect(201);
    }
    String path = "/v2/a/referrers/" + TestManifests.digest(image);
    int found = 0;
    String at = path + "?n=2&artifactType=test/sbom%2Bx";
    while (!at.isEmpty()) {
      var reply = client.get(at).expect(200);
      found += reply.json().path("manifests").size();
      assertThat(reply.header("OCI-Filters-Applied")).isEqualTo("artifactType");
      var next = NEXT.matcher(reply.header("Link"));
      at = next.find() ? next.group(1) : "";
    }
    assertThat(found).isEqualTo(5);
  }
}
