package dev.layercache.server.prefetch;

import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.fill.Prefetch;
import dev.layercache.server.prefetch.PrefetchRun.Wanted;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The blobs of one order that are on their way. One thread. */
final class Transfers implements AutoCloseable {
  private final PrefetchRun run;
  private final Prefetcher.Source source;
  private final List<Transfer> running = new ArrayList<>();

  private record Transfer(Wanted blob, Prefetch prefetch) {}

  Transfers(PrefetchRun run, Prefetcher.Source source) {
    this.run = run;
    this.source = source;
  }

  /** Returns when all blobs are stored or failed, or it was cancelled. */
  void run(BooleanSupplier cancelled) throws IOException {
    begin();
    while (!running.isEmpty() && !cancelled.getAsBoolean()) {
      try {
        Thread.sleep(Prefetcher.TICK);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new UnavailableException("interrupted while fetching", e);
      }
      running.removeIf(this::ended);
      begin();
      run.tell(running.stream().mapToLong(t -> t.prefetch().position()).sum());
    }
  }

  private void begin() {
    while (running.size() < Prefetcher.PARALLEL) {
      var next = run.next();
      if (next.isEmpty()) {
        return;
      }
      var blob = next.get();
      try {
        running.add(new Transfer(blob, source.begin(blob.repository(), blob.digest())));
      } catch (IOException e) {
        run.failed(blob, String.valueOf(e.getMessage()));
      }
    }
  }

  private boolean ended(Transfer transfer) {
    if (!transfer.prefetch().isDone()) {
      return false;
    }
    try (var done = transfer.prefetch()) {
      if (done.await().isPresent()) {
        run.stored(transfer.blob());
      } else {
        run.failed(transfer.blob(), "its upstream does not have it");
      }
    } catch (IOException e) {
      run.failed(transfer.blob(), String.valueOf(e.getMessage()));
    }
    return true;
  }

  @Override
  public void close() {
    running.forEach(transfer -> transfer.prefetch().close());
    running.clear();
  }
}
