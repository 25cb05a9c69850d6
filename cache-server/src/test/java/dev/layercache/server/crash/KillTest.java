package dev.layercache.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.client.ClientOptions;
import dev.layercache.client.LayercacheClient;
import dev.layercache.client.TransferListener;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.ImageReference;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a server with SIGKILL in the middle of pushes, again and again on one data directory. The
 * ledger of what was acknowledged is kept here, outside the server. {@code -Dlayercache.kills=N}
 * sets how often, {@code -Dlayercache.seed=N} replays a run.
 */
class KillTest {
  private static final int PUSHERS = 3;
  private static final int MAX_WAIT_MILLIS = 10_000;

  private final int kills = Integer.getInteger("layercache.kills", 50);
  private final long seed = Long.getLong("layercache.seed", System.nanoTime());
  private final Random random = new Random(seed);

  /** Tags that were acknowledged, with the seed of their image. */
  private final Map<String, Long> pushed = new ConcurrentHashMap<>();

  /** Seeds of images whose push was begun in the last round. */
  private final List<Long> attempted = new CopyOnWriteArrayList<>();

  /** Tags acknowledged in the last round. */
  private final Set<String> fresh = ConcurrentHashMap.newKeySet();

  @TempDir private Path directory;

  @Test
  @Timeout(600)
  void nothingAcknowledgedIsLostAndNothingIsHalfThere() throws Exception {
    for (int round = 0; round < kills; round++) {
      try (var server = ServerProcess.start(directory.resolve("data"))) {
        check(server, sample());
        pushUntilKilled(server, round);
      } catch (Exception | AssertionError e) {
        throw new AssertionError("seed %d, round %d: %s".formatted(seed, round, e.getMessage()), e);
      }
    }
    try (var server = ServerProcess.start(directory.resolve("data"))) {
      check(server, pushed.keySet());
    }
    System.out.printf(
        "%d kills, seed %d: %d images acknowledged, all intact%n", kills, seed, pushed.size());
    assertThat(pushed).hasSizeGreaterThan(kills / 2);
  }

  /** The last round's tags, and a few older ones. */
  private Set<String> sample() {
    Set<String> chosen = ConcurrentHashMap.newKeySet();
    chosen.addAll(fresh);
    var all = new ArrayList<>(pushed.keySet());
    for (int i = 0; i < 3 && !all.isEmpty(); i++) {
      chosen.add(all.get(random.nextInt(all.size())));
    }
    return chosen;
  }

  private void check(ServerProcess server, Set<String> tags) throws IOException {
    try (var client = connect(server)) {
      for (var tag : tags) {
        try (var image = new SeededImage(pushed.getOrDefault(tag, -1L))) {
          var found = client.resolve(ImageReference.parse(tag));
          assertThat(found.manifest().digest()).isEqualTo(image.root().digest());
          assertThat(client.findMissing(image.descriptors())).isEmpty();
          readBack(client, image.descriptors());
        }
      }
      for (long begun : attempted) {
        var image = new SeededImage(begun);
        var missing = client.findMissing(image.descriptors());
        readBack(
            client, image.descriptors().stream().filter(blob -> !missing.contains(blob)).toList());
      }
    }
    attempted.clear();
    fresh.clear();
  }

  /** The client verifies every digest. */
  private static void readBack(LayercacheClient client, List<Descriptor> blobs) throws IOException {
    for (var blob : blobs) {
      client.download(blob, OutputStream.nullOutputStream());
    }
  }

  private void pushUntilKilled(ServerProcess server, int round) throws Exception {
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < PUSHERS; i++) {
      var pusher = new Random(random.nextLong());
      String repository = "killed/r%d-%d".formatted(round, i);
      threads.add(Thread.ofVirtual().start(() -> push(server, repository, pusher)));
    }
    int wanted = random.nextInt(5);
    for (int waited = 0; fresh.size() < wanted && waited < MAX_WAIT_MILLIS; waited += 10) {
      Thread.sleep(10);
    }
    Thread.sleep(random.nextInt(150));
    server.kill();
    for (var thread : threads) {
      assertThat(thread.join(Duration.ofSeconds(60))).isTrue();
    }
  }

  private void push(ServerProcess server, String repository, Random pusher) {
    try (var client = connect(server)) {
      for (int i = 0; ; i++) {
        long image = pusher.nextInt(Integer.MAX_VALUE);
        String tag = repository + ":" + i;
        attempted.add(image);
        try (var source = new SeededImage(image)) {
          client.pushImage(source, ImageReference.parse(tag), TransferListener.NONE);
        }
        pushed.put(tag, image);
        fresh.add(tag);
      }
    } catch (IOException e) {
      // The server was killed.
    }
  }

  private static LayercacheClient connect(ServerProcess server) throws IOException {
    return LayercacheClient.connect(
        ClientOptions.server(server.grpc())
            .withRetries(0, Duration.ofMillis(10), Duration.ofMillis(10)));
  }
}
