package dev.layercache.server.integrity;

import dev.layercache.server.metadata.MetadataStore;
import dev.layercache.server.metadata.Table;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Re-hashes every blob in the background, round after round, at a bounded rate. Gives way to
 * requests; goes on after a restart where it was. Whoever starts it closes it, before the store.
 */
public final class Scrubber implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Scrubber.class);
  private static final byte[] KEY = "scrub".getBytes(StandardCharsets.US_ASCII);

  /** A round begins this long after the one before it began, or when that one ends. */
  private static final Duration ROUND = Duration.ofDays(1);

  private static final Duration SAVE = Duration.ofSeconds(30);
  private static final Duration AFTER_FAILURE = Duration.ofMinutes(1);

  /** What a busy store delays each read by, at most: so that a round ends on any store. */
  private static final Duration MOST_DELAY = Duration.ofSeconds(2);

  private static final Duration BUSY = Duration.ofMillis(50);
  private static final int PAGE = 64;

  /**
   * What a read counts as at least, since it costs more than its bytes: 5,000 a second at 20 MiB.
   */
  private static final long LEAST_COST = 4 << 10;

  private static final long LEAST_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final BlobInventory inventory;
  private final MetadataStore metadata;
  private final Clock clock;
  private final BlobCheck check;
  private final long bytesPerSecond;
  private final Thread thread;
  private volatile ScrubState state;
  private volatile boolean closed;
  private long savedAt;
  private long owedNanos;

  private Scrubber(
      BlobInventory inventory, MetadataStore metadata, Clock clock, long bytesPerSecond)
      throws IOException {
    this.inventory = inventory;
    this.metadata = metadata;
    this.clock = clock;
    this.bytesPerSecond = bytesPerSecond;
    this.check = new BlobCheck(inventory, Depth.FULL, this::mayRead);
    this.state = metadata.get(Table.INTEGRITY, KEY).map(ScrubState::decode).orElse(ScrubState.NONE);
    this.savedAt = System.nanoTime();
    this.thread = Thread.ofVirtual().name("layercache-scrub").unstarted(this::run);
  }

  /**
   * Starts to scrub.
   *
   * @param bytesPerSecond most bytes that are read in a second, a small blob counting as 4 KiB; 0
   *     scrubs nothing
   */
  public static Scrubber start(
      BlobInventory inventory, MetadataStore metadata, Clock clock, long bytesPerSecond)
      throws IOException {
    var scrubber = new Scrubber(inventory, metadata, clock, bytesPerSecond);
    if (bytesPerSecond > 0) {
      scrubber.thread.start();
    }
    return scrubber;
  }

  /** How far it is now. */
  public ScrubState state() {
    return state;
  }

  /** Stops, after the read that is under way. */
  @Override
  public void close() throws InterruptedException, IOException {
    closed = true;
    thread.interrupt();
    if (bytesPerSecond == 0) {
      return;
    }
    if (thread.join(Duration.ofSeconds(30))) {
      save();
    } else {
      log.warn("the scrubber still reads after 30 s");
    }
  }

  private void run() {
    while (!closed) {
      try {
        step();
      } catch (InterruptedException e) {
        // Closed, or nobody's: the condition of the loop says which.
      } catch (IOException | RuntimeException e) {
        if (!closed) {
          log.warn("scrubbing failed, and goes on in {}: {}", AFTER_FAILURE, e.getMessage());
          sleep(AFTER_FAILURE);
        }
      }
    }
  }

  private void step() throws IOException, InterruptedException {
    if (state.ended()) {
      awaitNextRound();
      state = state.nextRound(clock.instant());
    }
    var page = inventory.after(state.last(), PAGE);
    int damaged = page.damage().size();
    for (var item : page.items()) {
      damaged += check.check(item).isPresent() ? 1 : 0;
      if (closed) {
        return;
      }
    }
    state = state.checked(page.last(), page.items().size(), damaged, page.end());
    if (page.end()) {
      log.info(
          "scrubbed {} blobs since {}, {} damaged",
          state.blobs(),
          state.started(),
          state.damaged());
    }
    if (page.end() || System.nanoTime() - savedAt > SAVE.toNanos()) {
      save();
    }
  }

  private void save() throws IOException {
    var put = new MetadataStore.Change.Put(Table.INTEGRITY, KEY, state.encode());
    metadata.write(List.of(put));
    savedAt = System.nanoTime();
  }

  private void awaitNextRound() throws InterruptedException {
    if (state.round() == 0) {
      return;
    }
    var next = state.started().plus(ROUND);
    while (clock.instant().isBefore(next)) {
      Thread.sleep(Math.min(60_000, Duration.between(clock.instant(), next).toMillis() + 1));
    }
  }

  private boolean mayRead(long bytes) throws InterruptedException {
    owedNanos += Math.max(bytes, LEAST_COST) * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
    if (owedNanos > LEAST_SLEEP_NANOS) {
      TimeUnit.NANOSECONDS.sleep(owedNanos);
      owedNanos = 0;
    }
    long waited = 0;
    while (inventory.isBusy() && waited < MOST_DELAY.toMillis()) {
      Thread.sleep(BUSY);
      waited += BUSY.toMillis();
    }
    return !closed;
  }

  private static void sleep(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      // The loop looks whether it was closed.
    }
  }
}
