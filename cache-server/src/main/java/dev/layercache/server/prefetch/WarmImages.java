package dev.layercache.server.prefetch;

import dev.layercache.oci.ImageReference;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps images stored: at the start, and then in every interval, each is compared with its registry
 * and what changed is fetched. Comparing is bounded by a budget of requests, so that it leaves
 * enough to those who pull. Runs on a thread of its own until it is closed.
 */
public final class WarmImages implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WarmImages.class);
  private static final Duration UNTIL_STOPPED = Duration.ofSeconds(10);

  private final Prefetcher prefetcher;
  private final PrefetchOrder order;
  private final Duration interval;
  private final RequestBudget budget;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);

  /**
   * Starts at once.
   *
   * @param order is run again in every interval
   * @param requestsPerHour images that are compared in an hour, at most
   */
  public WarmImages(
      Prefetcher prefetcher,
      PrefetchOrder order,
      Duration interval,
      int requestsPerHour,
      Clock clock) {
    this.prefetcher = prefetcher;
    this.order = order;
    this.interval = interval;
    this.budget = new RequestBudget(requestsPerHour, clock);
    this.thread = Thread.ofVirtual().name("warm-images").start(this::run);
  }

  private void run() {
    try {
      do {
        for (var image : order.images()) {
          if (await(budget.take())) {
            return;
          }
          warm(image);
        }
      } while (!await(interval));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void warm(ImageReference image) {
    try {
      var one = new PrefetchOrder(List.of(image), order.platforms(), order.pin(), order.planOnly());
      var done = prefetcher.run(one, progress -> {}, this::isClosing);
      for (var result : done.resolved()) {
        result
            .failure()
            .ifPresent(why -> LOG.warn("image {} is not kept warm: {}", result.name(), why));
      }
      if (done.bytesFetched() > 0) {
        LOG.info("image {}: {} bytes fetched", image, done.bytesFetched());
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("image {} is not kept warm", image, e);
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  /** Whether it was closed meanwhile. */
  private boolean await(Duration time) throws InterruptedException {
    return closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Ends it; what it was fetching goes on at the next start. */
  @Override
  public void close() {
    closing.countDown();
    try {
      if (!thread.join(UNTIL_STOPPED)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
