package dev.layercache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.client.FakeCache;
import dev.layercache.client.image.ImageLocations;
import dev.layercache.client.image.TestImage;
import dev.layercache.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListingCommandsTest {
  private final FakeCache cache = new FakeCache();
  private final TestImage image = image();
  @TempDir Path temp;

  @BeforeEach
  void push() throws IOException {
    String layout = "oci:" + temp.resolve("layout");
    try (var destination = ImageLocations.destination(layout)) {
      image.writeTo(destination, Optional.empty());
    }
    run("push", layout, "team/app:v1").succeeds();
  }

  @AfterEach
  void stop() {
    cache.close();
  }

  @Test
  void imagesListsRepositories() throws IOException {
    assertThat(run("images").succeeds().out()).contains("REPOSITORY", "team/app");
    var repositories = run("images", "--json").succeeds().json().path("repositories");
    assertThat(repositories).hasSize(1);
    assertThat(repositories.get(0).path("name").asText()).isEqualTo("team/app");
    assertThat(repositories.get(0).path("tags").asInt()).isEqualTo(1);
  }

  @Test
  void tagsListsWhatTheyPointTo() throws IOException {
    String digest = image.root().digest().toString();
    assertThat(run("tags", "team/app").succeeds().out()).contains("v1", digest);
    var tag = run("tags", "team/app", "--json").succeeds().json().path("tags").get(0);
    assertThat(tag.path("tag").asText()).isEqualTo("v1");
    assertThat(tag.path("manifest").path("digest").asText()).isEqualTo(digest);
    assertThat(tag.path("updated").asText()).isEqualTo("1970-01-01T00:00:01Z");
  }

  @Test
  void rmRemovesATagOnce() throws IOException {
    assertThat(run("rm", "team/app:v1", "--json").succeeds().json().path("removed").asText())
        .isEqualTo("team/app:v1");

    var again = run("rm", "team/app:v1");
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.err()).contains("team/app:v1");
  }

  @Test
  void statsShowsTheServersCounters() throws IOException {
    assertThat(run("stats").succeeds().out()).contains("blobs", "unfinished uploads", "found");
    var stats = run("stats", "--json").succeeds().json();
    assertThat(stats.path("bytesReceived").asLong()).isEqualTo(3);
    assertThat(stats.path("misses").asLong()).isEqualTo(6);
    assertThat(stats.path("uptimeSeconds").asDouble()).isEqualTo(0.008);
  }

  @Test
  void inspectShowsLayersAndWhoSharesThem() throws IOException {
    cache.inspectAs("linux/arm64");
    assertThat(run("inspect", "team/app:v1").succeeds().out())
        .contains("linux/arm64: 1 layers", "LAYER", "other@sha256:", "and 11 more");
    var layer =
        run("inspect", "team/app:v1", "--json")
            .succeeds()
            .json()
            .path("images")
            .get(0)
            .path("layers")
            .get(0);
    assertThat(layer.path("sharedTotal").asInt()).isEqualTo(12);
  }

  @Test
  void uploadsListsWhatIsNotFinished() throws IOException {
    assertThat(run("uploads").succeeds().out()).contains("upload-1", "5 B");
    assertThat(
            run("uploads", "--json").succeeds().json().path("uploads").get(0).path("bytes").asInt())
        .isEqualTo(5);
  }

  @Test
  void missingPrintsWhatTheServerLacks() throws IOException {
    String there = image.root().digest() + "/" + image.root().size();
    String absent = Digest.of(new byte[5]) + "/5";
    String input = there + "\n\n  " + absent + "  ";

    assertThat(run(input, new String[] {"missing"}).succeeds().out().strip()).isEqualTo(absent);
    var json = run(input, new String[] {"missing", "--json"}).succeeds().json();
    assertThat(json.path("asked").asInt()).isEqualTo(2);
    assertThat(json.path("missing")).hasSize(1);
    assertThat(run("missing").succeeds().out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "sha256:abc/5",
        "md5:d41d8cd98f00b204e9800998ecf8427e/0",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/-1",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/99999999999999999999"
      })
  void aBlobThatIsNoneIsNamed(String line) {
    var run = run(line, new String[] {"missing"});

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("blob 1 on standard input: '" + line + "' (expected: sha256:HEX/SIZE)");
  }

  private CommandRun run(String... args) {
    return run("", args);
  }

  private CommandRun run(String input, String[] args) {
    var all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--server", cache.options().address()));
    return CommandRun.of(input, Optional.empty(), all.toArray(String[]::new));
  }

  private static TestImage image() {
    try {
      return TestImage.of(1, true, 1_000);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
