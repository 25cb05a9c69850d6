package dev.layercache.server.app;

import dev.layercache.server.blob.BlobAdmin;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Aborts uploads that nobody went on with for a day, looking every ten minutes. */
final class UploadExpiry implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UploadExpiry.class);
  private static final Duration AGE = Duration.ofDays(1);
  private static final Duration PERIOD = Duration.ofMinutes(10);

  private final BlobAdmin blobs;
  private final Clock clock;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("layercache-expiry").daemon().factory());

  UploadExpiry(BlobAdmin blobs, Clock clock) {
    this.blobs = blobs;
    this.clock = clock;
    timer.scheduleWithFixedDelay(
        this::expire, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    timer.close();
  }

  private void expire() {
    try {
      int expired = blobs.expireUploads(clock.instant().minus(AGE));
      if (expired > 0) {
        LOG.info("{} uploads expired: nobody went on with them for {}", expired, AGE);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("uploads could not be expired: {}", e.getMessage());
    }
  }
}
