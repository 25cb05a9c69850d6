package dev.layercache.server.retention;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.layercache.oci.Digest;
import dev.layercache.server.crash.SeededImage;
import dev.layercache.server.retention.RepositoryRule.Keep;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** pin, unpin, pins, why, du and gc against a real server, over a real socket. */
@Timeout(120)
class RetentionCommandsTest {
  private static final long MIB = 1 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final RepositoryRule EXPIRED =
      new RepositoryRule(
          "cache/**",
          Keep.EVICTABLE,
          OptionalInt.empty(),
          Optional.of(Duration.ofMillis(1)),
          Optional.empty(),
          Optional.empty());

  @TempDir private Path directory;

  private ServerFixture start(RepositoryRule... rules) throws IOException {
    return ServerFixture.start(directory.resolve("data"), 512 * MIB, rules);
  }

  @Test
  void aPinIsMadeListedAndEnded() throws Exception {
    try (var server = start()) {
      var image = server.push("base/debian:12", 1);
      var digest = image.root().digest();

      var pinned = server.run("pin", "base/debian:12", "--for", "30d");
      assertThat(pinned.err()).isEmpty();
      assertThat(pinned.code()).isZero();
      assertThat(pinned.out()).contains("pinned base/debian@" + digest).contains("until ");

      var listed = json(server.run("pins", "--json"));
      assertThat(listed.path("pins")).hasSize(1);
      var pin = listed.path("pins").path(0);
      assertThat(pin.path("digest").asText()).isEqualTo(digest.toString());
      assertThat(pin.path("bytes").asLong()).isEqualTo(bytes(image));
      assertThat(listed.path("takenBytes").asLong()).isEqualTo(bytes(image));
      assertThat(Duration.between(Instant.now(), Instant.parse(pin.path("until").asText())))
          .isBetween(Duration.ofDays(29), Duration.ofDays(30));
      assertThat(server.run("pins").out()).contains("base/debian:12").contains("pins and leases");

      var why = server.run("why", "base/debian:12");
      assertThat(why.out()).contains("kept").contains("pinned");

      assertThat(server.run("unpin", "base/debian:12").out()).contains("unpinned base/debian:12");
      assertThat(json(server.run("pins", "--json")).path("pins")).isEmpty();
    }
  }

  @Test
  void aPinSurvivesARestart() throws Exception {
    try (var server = start()) {
      server.push("base/debian:12", 1);
      assertThat(server.run("pin", "base/debian:12").out()).contains("until it is unpinned");
    }
    try (var server = start()) {
      assertThat(json(server.run("pins", "--json")).path("pins")).hasSize(1);
    }
  }

  @Test
  void whatCannotBePinnedIsSaid() throws Exception {
    try (var server = ServerFixture.start(directory.resolve("data"), 64 * MIB)) {
      var absent = server.run("pin", "base/absent:1");
      assertThat(absent.code()).isEqualTo(1);
      assertThat(absent.err()).contains("base/absent:1 is not stored");

      var notPinned = server.run("unpin", "base/absent:1");
      assertThat(notPinned.code()).isEqualTo(1);
      assertThat(notPinned.err()).contains("is not pinned");

      assertThat(server.run("pin", "base/absent:1", "--for", "soon").code()).isEqualTo(2);
    }
  }

  @Test
  void whyTellsOfAnImageABlobAndWhatIsNotThere() throws Exception {
    try (var server = start()) {
      var image = server.push("team/app:v1", 1);
      var digest = image.root().digest();
      var json = json(server.run("why", "team/app:v1", "--json"));
      assertThat(json.path("digest").asText()).isEqualTo(digest.toString());
      assertThat(json.path("present").asBoolean()).isTrue();
      assertThat(json.path("images").path(0).path("tags").path(0).asText()).isEqualTo("v1");
      assertThat(json.path("images").path(0).path("kept").asBoolean()).isTrue();

      var layer = image.descriptors().getFirst().digest();
      assertThat(server.run("why", layer.toString()).out())
          .contains("stored: ")
          .contains("in team/app@" + digest);

      var unknown = Digest.of(new byte[] {9});
      assertThat(server.run("why", unknown.toString()).out()).contains("not stored");
      assertThat(server.run("why", "team/absent:1").code()).isEqualTo(1);
    }
  }

  @Test
  void duTellsSharedBytesFromOwn() throws Exception {
    try (var server = start()) {
      var one = server.push("team/one:v1", 1);
      var two = server.push("team/two:v1", 1);
      assertThat(two.root()).isEqualTo(one.root());
      var other = server.push("team/other:v1", 3);

      var json = json(server.run("du", "--images", "--json"));
      assertThat(json.path("repositories")).hasSize(3);
      for (var repository : json.path("repositories")) {
        boolean shared = !repository.path("name").asText().equals("team/other");
        assertThat(repository.path("bytes").asLong()).isEqualTo(bytes(shared ? one : other));
        if (shared) {
          assertThat(repository.path("exclusiveBytes").asLong()).isZero();
        }
      }
      assertThat(json.path("images")).hasSize(3);
      assertThat(json.path("budgetBytes").asLong()).isLessThanOrEqualTo(512 * MIB);
      assertThat(json.path("diskBytes").asLong()).isGreaterThan(json.path("blobBytes").asLong());

      var only = server.run("du", "team/other");
      assertThat(only.out()).contains("team/other").doesNotContain("team/one").contains("on disk");
    }
  }

  @Test
  void gcSparesWhatWasUsedAMomentAgo() throws Exception {
    try (var server = start(RepositoryRule.of("cache/**", Keep.EVICTABLE))) {
      server.push("cache/app:1", 1);
      var plan = json(server.run("gc", "--dry-run", "--free", "1GiB", "--json"));
      assertThat(plan.path("items")).isEmpty();
      assertThat(plan.path("obstacle").asText()).contains("less than");
      assertThat(server.run("gc").out()).contains("evicted 0 blobs");
      assertThat(server.run("why", "cache/app:1").out()).contains("stored: ");
    }
  }

  @Test
  void gcEvictsWhatHasExpiredAndSaysBeforehandWhatWouldGo() throws Exception {
    try (var server =
        ServerFixture.start(directory.resolve("data"), 512 * MIB, Duration.ZERO, EXPIRED)) {
      server.push("team/app:1", 3);
      // The server looks by itself too, a second after its start and then in an hour: once it may
      // have taken the image before the command does.
      if (!isEvictedByCommand(server)) {
        assertThat(isEvictedByCommand(server)).isTrue();
      }

      var why = json(server.run("why", "cache/app:1", "--json"));
      assertThat(why.path("present").asBoolean()).isFalse();
      assertThat(why.path("evicted").path("reason").asText()).contains("maxAge");
      assertThat(server.run("why", "cache/app:1").out()).contains("evicted ");
      assertThat(server.run("why", "team/app:1").out()).contains("stored: ");
    }
  }

  /** Pushes an image that expires at once, and evicts it, unless it is gone by itself. */
  private static boolean isEvictedByCommand(ServerFixture server) throws Exception {
    var name = "cache/app@" + server.push("cache/app:1", 1).root().digest();
    // Uses are known to the second: the last one must be over.
    await(() -> isGone(server) || server.run("gc", "--dry-run").out().contains(name));
    var plan = server.run("gc", "--dry-run").out();
    assertThat(plan).doesNotContain("team/app");
    assertThat(plan.contains("would evict") || isGone(server)).isTrue();
    var byCommand = new AtomicBoolean();
    await(
        () -> {
          byCommand.set(server.run("gc").out().contains(name));
          return byCommand.get() || isGone(server);
        });
    return byCommand.get();
  }

  private static boolean isGone(ServerFixture server) {
    return !server.run("why", "cache/app:1").out().contains("stored: ");
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("30 s are over").isLessThan(end);
      Thread.sleep(100);
    }
  }

  private static long bytes(SeededImage image) {
    return image.descriptors().stream().mapToLong(blob -> blob.size()).sum();
  }

  private static JsonNode json(ServerFixture.Outcome outcome) throws IOException {
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.code()).isZero();
    return JSON.readTree(outcome.out());
  }
}
