package dev.layercache.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.client.ClientOptions;
import dev.layercache.client.LayercacheClient;
import dev.layercache.client.LayercacheException;
import dev.layercache.client.TransferListener;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.ImageReference;
import dev.layercache.server.faults.DiskWatch;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a server with SIGKILL while pushes through both doors fill its budget and eviction makes
 * room, again and again on one data directory. Of each image that was acknowledged the server has
 * every byte afterwards, or says when it was evicted; of those that were not, no manifest without
 * its blobs and no part of a blob. All the time its files are looked at: they never take more than
 * the budget. {@code -Dlayercache.evictionKills=N} sets how often, {@code -Dlayercache.seed=N}
 * replays a run, {@code -Dlayercache.readyWithinMillis=N} has each start be that fast.
 */
class EvictionKillTest {
  private static final long BUDGET = 80L << 20;
  private static final int IMAGES_A_ROUND = 8;
  private static final int MAX_WAIT_MILLIS = 20_000;

  private final int kills = Integer.getInteger("layercache.evictionKills", 8);
  private final long readyWithin = Long.getLong("layercache.readyWithinMillis", Long.MAX_VALUE);
  private final long seed = Long.getLong("layercache.seed", System.nanoTime());
  private final Random random = new Random(seed);

  /** Tags that were acknowledged, with the seed of their image. */
  private final Map<String, Long> pushed = new ConcurrentHashMap<>();

  /** Tags whose push was begun in the last round. */
  private final Map<String, Long> attempted = new ConcurrentHashMap<>();

  /** What a client saw that it must not. */
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

  private int acknowledged;
  private int there;
  private int evicted;
  private long slowestStart;
  private final List<Long> slowStarts = new ArrayList<>();

  @TempDir private Path directory;

  @Test
  @Timeout(7_000)
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
    Path data = directory.resolve("data");
    try (var disk = DiskWatch.of(data)) {
      for (int round = 0; round <= kills; round++) {
        long begun = System.nanoTime();
        try (var server = ServerProcess.start(data, config)) {
          started(System.nanoTime() - begun);
          check(server);
          if (round < kills) {
            loadUntilKilled(server, round);
          }
          requireBudget(disk);
        } catch (Exception | AssertionError e) {
          throw new AssertionError(
              "seed %d, round %d: %s".formatted(seed, round, e.getMessage()), e);
        }
      }
      System.out.printf(
          "%d kills, seed %d: %d images acknowledged; of those looked at %d were whole, %d evicted;"
              + " slowest start %d ms; most on disk in %d looks %d bytes of %d: %s%n",
          kills,
          seed,
          acknowledged,
          there,
          evicted,
          slowestStart,
          disk.looks(),
          disk.most(),
          BUDGET,
          disk.mostByKind());
      assertThat(disk.looks()).isPositive();
    }
    assertThat(there).isPositive();
    assertThat(evicted).isPositive();
    assertThat(slowStarts).as("milliseconds until it was ready, above the bound").isEmpty();
  }

  private void started(long nanos) {
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
    slowestStart = Math.max(slowestStart, millis);
    if (millis > readyWithin) {
      slowStarts.add(millis);
    }
  }

  private static void requireBudget(DiskWatch disk) {
    assertThat(disk.most()).as("on disk: %s", disk.mostByKind()).isLessThanOrEqualTo(BUDGET);
  }

  private void check(ServerProcess server) throws IOException {
    try (var client = connect(server);
        var http = new HttpPush(server.http())) {
      for (var entry : pushed.entrySet()) {
        if (isWhole(client, http, entry.getKey(), entry.getValue())) {
          there++;
        } else {
          var reference = ImageReference.parse(entry.getKey());
          var why = client.explain(reference);
          assertThat(why.evicted()).as("%s is gone: %s", reference, why).isPresent();
          evicted++;
          pushed.remove(entry.getKey());
        }
      }
      for (var entry : attempted.entrySet()) {
        if (!isWhole(client, http, entry.getKey(), entry.getValue())) {
          requireNothingPartial(client, entry.getValue());
        }
      }
      attempted.clear();
    }
  }

  /** False when its manifest is not served; one that is must have every byte, by either door. */
  private boolean isWhole(LayercacheClient client, HttpPush http, String tag, long content)
      throws IOException {
    var reference = ImageReference.parse(tag);
    try (var image = new SeededImage(content)) {
      if (random.nextBoolean()) {
        var pulled = http.pull(image, reference.repository(), reference.tagOrDefault());
        if (pulled == HttpPush.Outcome.BROKEN) {
          // Only by an eviction that came between.
          assertThat(client.explain(reference).evicted()).as("%s lacks a blob", tag).isPresent();
        }
        return pulled == HttpPush.Outcome.DONE;
      }
      try {
        assertThat(client.resolve(reference).manifest().digest()).isEqualTo(image.root().digest());
      } catch (LayercacheException e) {
        assertThat(e.kind()).isEqualTo(LayercacheException.Kind.NOT_FOUND);
        return false;
      }
      assertThat(client.findMissing(image.descriptors())).isEmpty();
      readBack(client, image.descriptors());
      return true;
    }
  }

  private static void requireNothingPartial(LayercacheClient client, long content)
      throws IOException {
    try (var image = new SeededImage(content)) {
      var missing = client.findMissing(image.descriptors());
      readBack(
          client, image.descriptors().stream().filter(blob -> !missing.contains(blob)).toList());
    }
  }

  /** The client verifies every digest. */
  private static void readBack(LayercacheClient client, List<Descriptor> blobs) throws IOException {
    for (var blob : blobs) {
      client.download(blob, OutputStream.nullOutputStream());
    }
  }

  private void loadUntilKilled(ServerProcess server, int round) throws Exception {
    int before = pushed.size();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 2; i++) {
      String repository = "killed/grpc%d-%d".formatted(round, i);
      var pusher = new Random(random.nextLong());
      threads.add(start(() -> pushOverGrpc(server, repository, pusher)));
    }
    var overHttp = new Random(random.nextLong());
    threads.add(start(() -> pushOverHttp(server, "killed/http" + round, overHttp)));
    var reader = new Random(random.nextLong());
    threads.add(start(() -> read(server, reader)));
    for (int waited = 0;
        pushed.size() < before + IMAGES_A_ROUND && waited < MAX_WAIT_MILLIS;
        waited += 10) {
      Thread.sleep(10);
    }
    Thread.sleep(random.nextInt(300));
    server.kill();
    for (var thread : threads) {
      assertThat(thread.join(Duration.ofSeconds(60)))
          .as(() -> "a client goes on: " + Arrays.toString(thread.getStackTrace()))
          .isTrue();
    }
    acknowledged += pushed.size() - before;
    if (!failures.isEmpty()) {
      throw new AssertionError("a client failed: " + failures.peek(), failures.peek());
    }
  }

  private interface Load {
    void run() throws IOException;
  }

  private Thread start(Load load) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                load.run();
              } catch (IOException e) {
                // The server was killed.
              } catch (RuntimeException | Error e) {
                failures.add(e);
              }
            });
  }

  private void pushOverGrpc(ServerProcess server, String repository, Random pusher)
      throws IOException {
    try (var client = connect(server)) {
      for (int i = 0; ; i++) {
        long content = pusher.nextInt(Integer.MAX_VALUE);
        String tag = repository + ":" + i;
        attempted.put(tag, content);
        try (var image = new SeededImage(content)) {
          client.pushImage(image, ImageReference.parse(tag), TransferListener.NONE);
          acknowledge(tag, content);
        } catch (LayercacheException e) {
          // A layer was evicted before its manifest came, or no room was made in time.
          if (e.kind() != LayercacheException.Kind.MISSING_BLOBS
              && e.kind() != LayercacheException.Kind.OUT_OF_SPACE) {
            throw e;
          }
        }
      }
    }
  }

  private void pushOverHttp(ServerProcess server, String repository, Random pusher)
      throws IOException {
    try (var http = new HttpPush(server.http())) {
      for (int i = 0; ; i++) {
        long content = pusher.nextInt(Integer.MAX_VALUE);
        String tag = repository + ":" + i;
        attempted.put(tag, content);
        try (var image = new SeededImage(content)) {
          if (http.push(image, repository, "" + i) == HttpPush.Outcome.DONE) {
            acknowledge(tag, content);
          }
        }
      }
    }
  }

  private void acknowledge(String tag, long content) {
    pushed.put(tag, content);
    attempted.remove(tag);
  }

  /** Reads what is there, so that uses move in the order of eviction and files are held open. */
  private void read(ServerProcess server, Random reader) throws IOException {
    try (var http = new HttpPush(server.http())) {
      while (true) {
        var tags = List.copyOf(pushed.entrySet());
        if (tags.isEmpty()) {
          http.pull(new SeededImage(0), "killed/none", "none");
        } else {
          var chosen = tags.get(reader.nextInt(tags.size()));
          var reference = ImageReference.parse(chosen.getKey());
          String tag = reference.tagOrDefault();
          http.pull(new SeededImage(chosen.getValue()), reference.repository(), tag);
        }
      }
    }
  }

  private static LayercacheClient connect(ServerProcess server) throws IOException {
    return LayercacheClient.connect(
        ClientOptions.server(server.grpc())
            .withRetries(0, Duration.ofMillis(10), Duration.ofMillis(10)));
  }
}
