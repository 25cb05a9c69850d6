package dev.layercache.server.fill;

import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.UnavailableException;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Fills one blob from the first origin that can give it. Runs once, on a thread of its own. */
final class FillTask {
  private static final Logger LOG = LoggerFactory.getLogger(FillTask.class);

  private final Fill fill;
  private final BlobStore store;
  private final FillLimits limits;
  private final FillSlots slots;
  private final Function<String, FillCounters> counters;
  private volatile @Nullable OriginCopy copy;

  FillTask(
      Fill fill,
      BlobStore store,
      FillLimits limits,
      FillSlots slots,
      Function<String, FillCounters> counters) {
    this.fill = fill;
    this.store = store;
    this.limits = limits;
    this.slots = slots;
    this.counters = counters;
  }

  Fill fill() {
    return fill;
  }

  /** Returns when the fill has ended. */
  void run() {
    FillOutcome outcome;
    try {
      outcome = fromAnyOrigin();
    } catch (IOException e) {
      outcome = new FillOutcome.Failed(e);
    } catch (RuntimeException e) {
      LOG.error("filling {} failed", fill.digest(), e);
      outcome = new FillOutcome.Failed(new UnavailableException("filling failed: " + e, e));
    }
    fill.end(outcome);
  }

  /** Ends the fill soon, whoever wants it. */
  void stop() {
    fill.stop();
    var running = copy;
    if (running != null) {
      running.stop();
    }
  }

  private FillOutcome fromAnyOrigin() throws IOException {
    // It may have come in between the caller's look into the store and the start of this.
    var stored = store.stat(fill.digest());
    if (stored.isPresent()) {
      return new FillOutcome.Stored(stored.get());
    }
    Optional<FillOutcome> failed = Optional.empty();
    for (var next = fill.nextOrigin(); next.isPresent(); next = fill.nextOrigin()) {
      var outcome = from(next.get());
      switch (outcome) {
        case FillOutcome.Stored s -> {
          return s;
        }
        case FillOutcome.Failed f -> failed = Optional.of(f);
        case FillOutcome.Absent a -> {}
      }
    }
    // One that failed may have it: absent is what all say.
    return failed.orElseGet(FillOutcome.Absent::new);
  }

  private FillOutcome from(BlobOrigin origin) throws IOException {
    var counted = counters.apply(origin.group());
    try (var _ = slots.acquire(origin);
        var copying = new OriginCopy(fill, origin, store, counted, limits.backoff())) {
      copy = copying;
      counted.started.increment();
      try {
        var outcome = outcome(copying);
        if (outcome instanceof FillOutcome.Failed failed) {
          counted.failed.increment();
          LOG.atLevel(fill.isAbandoned() ? Level.DEBUG : Level.WARN)
              .log("fill failed: {}", failed.why().getMessage());
        }
        return outcome;
      } finally {
        counted.ended.increment();
        copy = null;
      }
    } catch (UnavailableException e) {
      return new FillOutcome.Failed(e);
    }
  }

  private static FillOutcome outcome(OriginCopy copying) throws IOException {
    try {
      return copying.run();
    } catch (UnavailableException e) {
      return new FillOutcome.Failed(e);
    }
  }
}
