package dev.layercache.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.client.ClientOptions;
import dev.layercache.client.LayercacheClient;
import dev.layercache.client.LayercacheException;
import dev.layercache.client.TransferListener;
import dev.layercache.oci.ImageReference;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a server with SIGKILL while pushes fill its budget and eviction makes room, again and again
 * on one data directory. Of each image that was acknowledged the server has every byte afterwards,
 * or says when it was evicted. {@code -Dlayercache.evictionKills=N} sets how often, {@code
 * -Dlayercache.seed=N} replays a run.
 */
class EvictionKillTest {
  private static final long BUDGET = 80L << 20;
  private static final int PUSHERS = 3;
  private static final int IMAGES_A_ROUND = 8;
  private static final int MAX_WAIT_MILLIS = 20_000;

  private final int kills = Integer.getInteger("layercache.evictionKills", 10);
  private final long seed = Long.getLong("layercache.seed", System.nanoTime());
  private final Random random = new Random(seed);

  /** Tags that were acknowledged, with the seed of their image. */
  private final Map<String, Long> pushed = new ConcurrentHashMap<>();

  /** Printed and not asserted: the budget is not kept yet (ARCHITECTURE.md, "The budget"). */
  private long mostOnDisk;

  private int there;
  private int evicted;

  @TempDir private Path directory;

  @Test
  @Timeout(3_000)
  void whatWasAcknowledgedIsWholeOrWasEvicted() throws Exception {
    Path config = directory.resolve("config.yaml");
    Files.writeString(
        config,
        """
        storage:
          budget: %dB
          grace: 1s
        retention:
          - repositories: killed/**
            keep: evictable
        """
            .formatted(BUDGET));
    for (int round = 0; round <= kills; round++) {
      try (var server = ServerProcess.start(directory.resolve("data"), config)) {
        check(server);
        if (round < kills) {
          pushUntilKilled(server, round);
          mostOnDisk = Math.max(mostOnDisk, bytesOnDisk());
        }
      } catch (Exception | AssertionError e) {
        throw new AssertionError("seed %d, round %d: %s".formatted(seed, round, e.getMessage()), e);
      }
    }
    System.out.printf(
        "%d kills, seed %d: %d images acknowledged; of those looked at %d were whole, %d evicted; at most %d bytes on disk, budget %d%n",
        kills, seed, pushed.size(), there, evicted, mostOnDisk, BUDGET);
    assertThat(there).isPositive();
    assertThat(evicted).isPositive();
  }

  private void check(ServerProcess server) throws IOException {
    try (var client = connect(server)) {
      for (var entry : pushed.entrySet()) {
        var reference = ImageReference.parse(entry.getKey());
        try (var image = new SeededImage(entry.getValue())) {
          var found = client.resolve(reference);
          assertThat(found.manifest().digest()).isEqualTo(image.root().digest());
          assertThat(client.findMissing(image.descriptors())).isEmpty();
          for (var blob : image.descriptors()) {
            client.download(blob, OutputStream.nullOutputStream());
          }
          there++;
        } catch (LayercacheException e) {
          assertThat(e.kind()).isEqualTo(LayercacheException.Kind.NOT_FOUND);
          var why = client.explain(reference);
          assertThat(why.evicted()).as("%s is gone: %s", reference, why).isPresent();
          evicted++;
          pushed.remove(entry.getKey());
        }
      }
    }
  }

  private void pushUntilKilled(ServerProcess server, int round) throws Exception {
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < PUSHERS; i++) {
      var pusher = new Random(random.nextLong());
      String repository = "killed/r%d-%d".formatted(round, i);
      threads.add(Thread.ofVirtual().start(() -> push(server, repository, pusher)));
    }
    int wanted = pushed.size() + IMAGES_A_ROUND;
    for (int waited = 0; pushed.size() < wanted && waited < MAX_WAIT_MILLIS; waited += 10) {
      Thread.sleep(10);
    }
    Thread.sleep(random.nextInt(300));
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
        try (var source = new SeededImage(image)) {
          client.pushImage(source, ImageReference.parse(tag), TransferListener.NONE);
          pushed.put(tag, image);
        } catch (LayercacheException e) {
          // A layer was evicted before its manifest came, or no room was made in time.
          if (e.kind() != LayercacheException.Kind.MISSING_BLOBS
              && e.kind() != LayercacheException.Kind.OUT_OF_SPACE) {
            throw e;
          }
        }
      }
    } catch (IOException e) {
      // The server was killed.
    }
  }

  /** Files with two names count once: the database moves staged files in by a second name. */
  private long bytesOnDisk() throws IOException {
    try (var files = Files.walk(directory.resolve("data"))) {
      var sizes = new HashMap<Object, Long>();
      for (var file : files.filter(Files::isRegularFile).toList()) {
        sizes.put(Files.getAttribute(file, "unix:ino"), Files.size(file));
      }
      return sizes.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  private static LayercacheClient connect(ServerProcess server) throws IOException {
    return LayercacheClient.connect(
        ClientOptions.server(server.grpc())
            .withRetries(0, Duration.ofMillis(10), Duration.ofMillis(10)));
  }
}
