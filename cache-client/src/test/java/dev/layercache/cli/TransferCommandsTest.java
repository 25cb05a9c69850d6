package dev.layercache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.client.FakeCache;
import dev.layercache.client.image.ImageLocations;
import dev.layercache.client.image.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransferCommandsTest {
  private final FakeCache cache = new FakeCache();
  @TempDir Path temp;

  @AfterEach
  void stop() {
    cache.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"oci", "oci-archive", "docker-archive"})
  void anImageGoesToTheServerAndComesBack(String transport) throws IOException {
    var image = TestImage.of(1, true, 300_000, 5_000);
    write(image, transport + ':' + temp.resolve("source"));

    run("push", transport + ':' + temp.resolve("source"), "team/app:v1").succeeds();
    run("pull", "team/app:v1", transport + ':' + temp.resolve("copy")).succeeds();

    try (var copy = ImageLocations.source(transport + ':' + temp.resolve("copy"))) {
      image.assertIsIn(copy);
    }
    assertThat(temp.toFile().list()).containsExactlyInAnyOrder("source", "copy");
  }

  @Test
  void jsonReportsWhatMoved() throws IOException {
    write(TestImage.of(1, true, 300_000, 5_000), oci("source:v1"));

    var first = run("push", oci("source:v1"), "app:v1", "--json").succeeds().json();
    var again = run("push", oci("source:v1"), "app:v2", "--json").succeeds().json();
    var pulled = run("pull", "app:v1", oci("copy"), "--json").succeeds().json();
    var pulledAgain = run("pull", "app:v1", oci("copy"), "--json").succeeds().json();

    assertThat(first.path("layers").asInt()).isEqualTo(2);
    assertThat(first.path("layersTransferred").asInt()).isEqualTo(2);
    assertThat(first.path("bytesTotal").asLong()).isGreaterThan(305_000);
    assertThat(first.path("bytesTransferred").asLong())
        .isEqualTo(first.path("bytesTotal").asLong());
    assertThat(first.path("seconds").isNumber()).isTrue();
    assertThat(again.path("layersTransferred").asInt()).isZero();
    assertThat(again.path("bytesTransferred").asLong()).isLessThan(1_000);
    assertThat(pulled.path("layersTransferred").asInt()).isEqualTo(2);
    assertThat(pulledAgain.path("layersTransferred").asInt()).isZero();
    assertThat(pulled.path("digest")).isEqualTo(first.path("digest"));
  }

  @Test
  void aPulledImageIsCalledByItsTagUnlessTheDestinationSaysOtherwise() throws IOException {
    write(TestImage.of(1, true, 1_000), oci("source:any"));
    run("push", oci("source"), "app:v1").succeeds();

    run("pull", "app:v1", oci("copy")).succeeds();
    run("pull", "app:v1", oci("copy:mine")).succeeds();

    assertThat(Files.readString(temp.resolve("copy/index.json"))).contains("\"v1\"", "\"mine\"");
  }

  @Test
  void onePlatformOfAnIndexIsPulled() throws IOException {
    var amd64 = TestImage.of(1, true, 1_000);
    write(
        TestImage.index(Map.of("amd64", amd64, "arm64", TestImage.of(2, true, 2_000))),
        oci("source"));
    run("push", oci("source"), "app").succeeds();

    run("pull", "app", oci("copy"), "--platform", "linux/amd64").succeeds();
    var absent = run("pull", "app", oci("other"), "--platform", "linux/s390x");

    try (var copy = ImageLocations.source(oci("copy"))) {
      amd64.assertIsIn(copy);
    }
    assertThat(absent.code()).isEqualTo(1);
    assertThat(absent.err()).contains("linux/s390x", "linux/amd64", "linux/arm64");
  }

  @Test
  void offATerminalEveryLayerIsALine() throws IOException {
    write(TestImage.of(1, true, 300_000, 5_000), oci("source"));
    var first = run("push", oci("source"), "app:v1").succeeds();
    var again = run("push", oci("source"), "app:v1").succeeds();

    assertThat(first.err().lines()).hasSize(2).allMatch(line -> line.contains("  done  "));
    assertThat(again.err().lines()).hasSize(2).allMatch(line -> line.contains("already there"));
    assertThat(first.out()).contains("pushed app:v1  sha256:", "2 of 2 layers");
    assertThat(again.out()).contains("0 of 2 layers");
  }

  @Test
  void onATerminalBarsAreRedrawn() throws IOException {
    write(TestImage.of(1, true, 3_000_000, 5_000), oci("source"));

    var run = runOnTerminal("push", oci("source"), "app:v1").succeeds();

    assertThat(run.err()).contains("[    ", "\u001b[1A\u001b[J", "done", "2.9 MiB");
    assertThat(run.out()).doesNotContain("\u001b");
  }

  @Test
  void anAbsentImageFailsAndLeavesNoTrace() {
    run("pull", "app:absent", "oci-archive:" + temp.resolve("file.tar"));
    var run = run("pull", "app:absent", oci("layout"));

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("absent").startsWith("layercache: no ");
    assertThat(temp).isEmptyDirectory();
  }

  private void write(TestImage image, String location) throws IOException {
    try (var destination = ImageLocations.destination(location)) {
      image.writeTo(destination, Optional.empty());
    }
  }

  private String oci(String path) {
    return "oci:" + temp.resolve(path);
  }

  private CommandRun run(String... args) {
    return run(Optional.empty(), args);
  }

  private CommandRun runOnTerminal(String... args) {
    return run(Optional.of(120), args);
  }

  private CommandRun run(Optional<Integer> columns, String... args) {
    var all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--server", cache.options().address()));
    return CommandRun.of("", columns, all.toArray(String[]::new));
  }
}
