package dev.layercache.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.client.ClientOptions;
import dev.layercache.client.LayercacheClient;
import dev.layercache.client.TransferListener;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.ImageReference;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Pushes images to a server until something happens to it, and keeps the ledger of what was
 * acknowledged, outside the server. Everything follows from the random numbers that it is given.
 */
final class PushLedger {
  private static final int PUSHERS = 3;
  private static final int MAX_WAIT_MILLIS = 10_000;

  private final Random random;

  /** Tags that were acknowledged, with the seed of their image. */
  private final Map<String, Long> pushed = new ConcurrentHashMap<>();

  /** Seeds of images whose push was begun in the last round. */
  private final List<Long> attempted = new CopyOnWriteArrayList<>();

  /** Tags acknowledged in the last round. */
  private final Set<String> fresh = ConcurrentHashMap.newKeySet();

  PushLedger(Random random) {
    this.random = random;
  }

  /** What happens to the server; when it returns the server answers nobody any more. */
  @FunctionalInterface
  interface Event {
    void happen() throws Exception;
  }

  /** Images that were acknowledged. */
  int acknowledged() {
    return pushed.size();
  }

  /** Pushes from several clients, lets the event happen, and waits for the clients to notice. */
  void pushUntil(ServerProcess server, int round, Event event) throws Exception {
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < PUSHERS; i++) {
      var pusher = new Random(random.nextLong());
      String repository = "crash/r%d-%d".formatted(round, i);
      threads.add(Thread.ofVirtual().start(() -> push(server, repository, pusher)));
    }
    int wanted = random.nextInt(5);
    for (int waited = 0; fresh.size() < wanted && waited < MAX_WAIT_MILLIS; waited += 10) {
      Thread.sleep(10);
    }
    Thread.sleep(random.nextInt(150));
    event.happen();
    for (var thread : threads) {
      assertThat(thread.join(Duration.ofSeconds(60))).isTrue();
    }
  }

  /**
   * The last round's images and a few older ones are there, byte for byte, and nothing is half
   * there.
   */
  void checkSome(ServerProcess server) throws IOException {
    var chosen = new HashSet<>(fresh);
    var all = new ArrayList<>(pushed.keySet());
    for (int i = 0; i < 3 && !all.isEmpty(); i++) {
      chosen.add(all.get(random.nextInt(all.size())));
    }
    check(server, chosen);
  }

  /** The same of every image. */
  void checkAll(ServerProcess server) throws IOException {
    check(server, pushed.keySet());
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
      // The server is gone, or its disk is.
    }
  }

  private static LayercacheClient connect(ServerProcess server) throws IOException {
    return LayercacheClient.connect(
        ClientOptions.server(server.grpc())
            .withRetries(0, Duration.ofMillis(10), Duration.ofMillis(10)));
  }
}
