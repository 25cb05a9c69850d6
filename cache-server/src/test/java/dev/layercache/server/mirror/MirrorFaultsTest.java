package dev.layercache.server.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.cli.Main;
import dev.layercache.oci.Digest;
import dev.layercache.server.agent.SampleImage;
import dev.layercache.server.blob.Concurrently;
import dev.layercache.server.blob.SampleBlob;
import dev.layercache.server.blob.Seeds;
import dev.layercache.server.proxy.Exchange;
import dev.layercache.server.proxy.Fault;
import dev.layercache.server.proxy.FaultProxy;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** A real registry behind a network that fails, and what clients of its mirror see of that. */
@Tag("clients")
@Timeout(120)
class MirrorFaultsTest {
  private static final int MIB = 1 << 20;
  private static final int BREAKS = 4;
  private static final String RANGE = "bytes=%d-";

  /** What is not stored is refused within this, while the registry is away. */
  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  @TempDir private Path directory;
  private MirrorUnderFaults mirror;
  private FaultProxy proxy;

  @BeforeEach
  void start() throws Exception {
    mirror = new MirrorUnderFaults(directory);
    proxy = mirror.proxy();
  }

  @AfterEach
  void stop() throws Exception {
    if (mirror != null) {
      mirror.close();
    }
  }

  private SampleImage push(String tag, long seed, int bytes) throws Exception {
    return mirror.push(tag, SampleBlob.of(seed, 300), SampleBlob.of(seed + 1, bytes));
  }

  private void requirePull(SampleBlob blob) throws Exception {
    try (var pull = mirror.blob(blob.digest())) {
      assertThat(pull.status()).isEqualTo(200);
      assertThat(pull.digest()).isEqualTo(blob.digest());
    }
  }

  private void requireManifest(SampleImage image, String tag) throws Exception {
    try (var pull = mirror.manifest(tag)) {
      assertThat(pull.status()).isEqualTo(200);
      assertThat(pull.header("Warning")).isEmpty();
      assertThat(pull.digest()).isEqualTo(image.manifest().descriptor().digest());
    }
  }

  private void pullAll(SampleImage image, String tag) throws Exception {
    requireManifest(image, tag);
    requirePull(image.config());
    requirePull(image.layer());
  }

  /** The tag is served as it was, and says so. */
  private void requireStale(SampleImage image, String tag) throws Exception {
    try (var pull = mirror.manifest(tag)) {
      assertThat(pull.status()).isEqualTo(200);
      assertThat(pull.header("Warning")).startsWith("111");
      assertThat(pull.header("Age")).isNotEmpty();
      assertThat(pull.digest()).isEqualTo(image.manifest().descriptor().digest());
    }
  }

  /** What a client is told that asks for what cannot be had. */
  private String refusal(Digest blob) throws Exception {
    try (var pull = mirror.blob(blob)) {
      assertThat(pull.status()).isEqualTo(503);
      assertThat(pull.header("Retry-After")).matches("[1-9][0-9]*");
      return pull.text();
    }
  }

  private void requireRefusedAtOnce(Digest blob) throws Exception {
    long begin = System.nanoTime();
    refusal(blob);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(AT_ONCE);
  }

  /** Waits until the mirror has noticed that the registry is back. */
  private void awaitPull(SampleBlob blob) throws Exception {
    for (int i = 0; i < 300; i++) {
      try (var pull = mirror.blob(blob.digest())) {
        if (pull.status() == 200) {
          assertThat(pull.digest()).isEqualTo(blob.digest());
          return;
        }
      }
      Thread.sleep(50);
    }
    throw new AssertionError("the mirror did not notice that the registry is back");
  }

  /** The requests for a blob fail in this order, those after them do not. */
  private void failInTurn(Digest blob, List<Fault> faults) {
    Deque<Fault> left = new ArrayDeque<>(faults);
    proxy.inject(
        exchange -> {
          synchronized (left) {
            boolean next = isGet(exchange, blob) && !left.isEmpty();
            return next ? left.removeFirst() : new Fault.None();
          }
        });
  }

  private static boolean isGet(Exchange exchange, Digest blob) {
    return exchange.method().equals("GET") && exchange.path().endsWith(blob.toString());
  }

  private static Function<Exchange, Fault> always(Fault fault) {
    return exchange -> fault;
  }

  /** Each request began where the one before it broke, and all of them together sent the blob. */
  private void requireNothingTwice(SampleBlob blob) {
    long at = 0;
    for (var request : mirror.requests(blob.digest())) {
      assertThat(request.range().orElse(RANGE.formatted(0))).isEqualTo(RANGE.formatted(at));
      at += request.bytes();
    }
    assertThat(at).isEqualTo(blob.size());
  }

  /**
   * Closed or reset. What a reset takes with it is missing, too, and only the mirror knows how much
   * that was: its own count says that nothing came twice.
   */
  @ParameterizedTest
  @ArgumentsSource(Seeds.class)
  void aConnectionThatBreaksInTheMiddleOfABlobIsNotNoticed(long seed) {
    Seeds.naming(
        seed,
        () -> {
          var random = new SplittableRandom(seed);
          var image = push("v1", seed, 8 * MIB + random.nextInt(MIB));
          failInTurn(image.layer().digest(), breaks(random));
          requireManifest(image, "v1");
          Concurrently.run(3, number -> requirePull(image.layer()));
          assertThat(mirror.statistics().bytesFilled()).isEqualTo(image.layer().size());
          requireResumed(image.layer().digest());
        });
  }

  /** Half of them by chance, but one of each at least. */
  private static List<Fault> breaks(SplittableRandom random) {
    var faults = new ArrayList<Fault>();
    for (int i = 0; i < BREAKS; i++) {
      int after = random.nextInt(1, 2 * MIB);
      boolean reset = i == 0 || i > 1 && random.nextBoolean();
      faults.add(reset ? new Fault.Reset(after) : new Fault.Truncation(after));
    }
    return faults;
  }

  /** Each request went on within what the one before it was sent. */
  private void requireResumed(Digest blob) {
    var requests = mirror.requests(blob);
    assertThat(requests).hasSize(BREAKS + 1);
    long end = requests.getFirst().bytes();
    long from = 0;
    for (var request : requests.subList(1, requests.size())) {
      long offset = Long.parseLong(request.range().orElseThrow().replaceAll("[^0-9]", ""));
      assertThat(offset).isBetween(from, end);
      from = offset;
      end = offset + request.bytes();
    }
  }

  @Test
  void anUpstreamThatIsSlowIsWaitedFor() throws Exception {
    var image = push("v1", 10, 2 * MIB);
    proxy.inject(always(new Fault.Latency(Duration.ofMillis(300))));
    pullAll(image, "v1");
  }

  @Test
  void aBodyThatStallsIsAskedForAgainWhereItStopped() throws Exception {
    var image = push("v1", 20, 3 * MIB);
    failInTurn(image.layer().digest(), List.of(new Fault.Stall(MIB + 77)));
    requireManifest(image, "v1");
    requirePull(image.layer());
    requireNothingTwice(image.layer());
  }

  @Test
  void anUpstreamThatSaysNothingIsGivenUp() throws Exception {
    var image = push("v1", 30, MIB);
    var absent = push("v2", 40, MIB);
    pullAll(image, "v1");
    requireManifest(absent, "v2");
    proxy.inject(always(new Fault.BlackHole()));
    assertThat(refusal(absent.layer().digest())).contains(MirrorUnderFaults.UPSTREAM);
    requireStale(image, "v1");
    requirePull(image.layer());
    requireRefusedAtOnce(absent.layer().digest());
    proxy.heal();
    awaitPull(absent.layer());
  }

  @Test
  void wrongBytesAreNeitherServedNorStored() throws Exception {
    var small = push("small", 50, 100_000);
    var large = push("large", 60, 3 * MIB);
    requireManifest(small, "small");
    requireManifest(large, "large");
    proxy.inject(always(new Fault.WrongByte(99_999)));
    assertThat(refusal(small.layer().digest()))
        .contains(MirrorUnderFaults.UPSTREAM)
        .contains(small.layer().digest().toString())
        .contains("wrong bytes");
    try (var pull = mirror.blob(large.layer().digest())) {
      assertThatThrownBy(pull::digest).isInstanceOf(IOException.class);
      assertThat(pull.received()).as("the end was withheld").isLessThan(large.layer().size());
    }
    for (var image : List.of(small, large)) {
      assertThat(mirror.isStored(image.layer().digest())).isFalse();
    }
    assertThat(mirror.statistics().wrongBytes()).isEqualTo(2);
    proxy.heal();
    requirePull(small.layer());
    requirePull(large.layer());
  }

  @Test
  void aWrongManifestIsNeitherServedNorStored() throws Exception {
    var image = push("v1", 70, 1000);
    var digest = image.manifest().descriptor().digest();
    proxy.inject(always(new Fault.WrongByte(20)));
    for (var reference : List.of("v1", digest.toString())) {
      try (var pull = mirror.manifest(reference)) {
        assertThat(pull.status()).isEqualTo(503);
        assertThat(pull.text()).contains(MirrorUnderFaults.UPSTREAM).contains(digest.toString());
      }
    }
    proxy.heal();
    requireManifest(image, "v1");
  }

  @Test
  void anUpstreamThatLimitsRequestsIsLeftAloneForAsLongAsItSays() throws Exception {
    var image = push("v1", 80, MIB);
    var absent = push("v2", 90, MIB);
    pullAll(image, "v1");
    requireManifest(absent, "v2");
    proxy.inject(always(new Fault.Status(429, Map.of("Retry-After", "2"))));
    assertThat(refusal(absent.layer().digest())).contains("limits how often it is asked");
    requireStale(image, "v1");
    requirePull(image.layer());
    proxy.forget();
    refusal(absent.layer().digest());
    requireStale(image, "v1");
    assertThat(proxy.exchanges("")).as("requests within the pause").isEmpty();
    proxy.heal();
    awaitPull(absent.layer());
  }

  @Test
  void anUpstreamThatFailsIsServedFromTheStore() throws Exception {
    var image = push("v1", 100, MIB);
    var absent = push("v2", 110, MIB);
    pullAll(image, "v1");
    requireManifest(absent, "v2");
    proxy.inject(always(new Fault.Status(503, Map.of())));
    for (int i = 0; i < 5; i++) {
      requireStale(image, "v1");
      requirePull(image.layer());
      refusal(absent.layer().digest());
    }
    proxy.forget();
    requireRefusedAtOnce(absent.layer().digest());
    assertThat(proxy.exchanges("/blobs/")).as("asked while it is known to fail").isEmpty();
    proxy.heal();
    awaitPull(absent.layer());
  }

  @Test
  void whileTheUpstreamIsGoneWhatIsStoredIsServedAndTheRestFailsAtOnce() throws Exception {
    var image = push("v1", 120, 2 * MIB);
    var absent = push("v2", 130, MIB);
    pullAll(image, "v1");
    requireManifest(absent, "v2");
    proxy.vanish();
    for (int i = 0; i < 5; i++) {
      requireRefusedAtOnce(absent.layer().digest());
      requireRefusedAtOnce(SampleBlob.of(i, 10).digest());
      requireStale(image, "v1");
      requirePull(image.config());
      requirePull(image.layer());
    }
    try (var pull = mirror.manifest("v2")) {
      assertThat(pull.status()).as("a manifest whose blobs cannot be had").isEqualTo(503);
    }
    proxy.reappear();
    awaitPull(absent.layer());
    pullAll(absent, "v2");
  }

  /** One of them reads nothing until all others are done. */
  @Test
  void twoHundredClientsOfAnAbsentBlobAreOneRequest() throws Exception {
    int clients = 200;
    var image = push("v1", 140, 32 * MIB);
    requireManifest(image, "v1");
    var done = new CountDownLatch(clients - 1);
    Concurrently.run(
        clients,
        number -> {
          try (var pull = mirror.blob(image.layer().digest())) {
            assertThat(pull.status()).isEqualTo(200);
            if (number == 0) {
              assertThat(done.await(60, TimeUnit.SECONDS)).as("others wait for this").isTrue();
            }
            assertThat(pull.digest()).isEqualTo(image.layer().digest());
          } finally {
            done.countDown();
          }
        });
    assertThat(mirror.requests(image.layer().digest())).hasSize(1);
    requireNothingTwice(image.layer());
    assertThat(mirror.statistics().misses()).isPositive();
  }

  @Test
  void theLimitsThatAnUpstreamStatesAreShown() throws Exception {
    var image = push("v1", 150, 1000);
    var limits = Map.of("ratelimit-limit", "100;w=21600", "ratelimit-remaining", "76;w=21600");
    proxy.inject(always(new Fault.Headers(limits)));
    requireManifest(image, "v1");
    var out = new StringWriter();
    var err = new PrintWriter(new StringWriter());
    assertThat(Main.run(new PrintWriter(out), err, "stats", "--server", mirror.grpcAddress()))
        .isZero();
    assertThat(out.toString()).contains("76 of 100 left");
  }
}
