package dev.layercache.server.store;

import dev.layercache.server.blob.BlobException;
import dev.layercache.server.blob.UnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Makes changes durable, many callers' in one synced write. One thread applies all changes in turn,
 * so that a change sees those before it and needs no lock: this is where it is decided who of
 * several writers of one digest wins.
 */
final class GroupCommit implements AutoCloseable {
  private static final int MAX_QUEUED = 4096;
  private static final int MAX_GROUP = 512;
  private static final long MAX_GROUP_BYTES = 8L << 20;

  private final BlockingQueue<Pending<?>> queue = new ArrayBlockingQueue<>(MAX_QUEUED);
  private final Function<GroupCommit, Batch> batches;
  private final Duration patience;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param batches makes the batch that each group is collected in
   * @param patience longest wait for room in the queue, and for the write
   */
  GroupCommit(Function<GroupCommit, Batch> batches, Duration patience) {
    this.batches = batches;
    this.patience = patience;
    this.thread = Thread.ofPlatform().name("layercache-commit").start(this::run);
  }

  /** One change. Runs on the committer's thread; may throw to refuse, and then changes nothing. */
  @FunctionalInterface
  interface Change<T> {
    T apply(Batch batch) throws IOException, RocksDBException;
  }

  /**
   * Applies a change and waits until it is durable.
   *
   * @return what the change returned
   * @throws UnavailableException if it could not be written in time; it may be written later
   */
  <T> T commit(Change<T> change) throws IOException {
    var pending = new Pending<>(change);
    try {
      if (closed || !queue.offer(pending, patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new UnavailableException(
            closed
                ? "the store is closing"
                : "%d changes are waiting to be written; try again".formatted(MAX_QUEUED));
      }
      return pending.done.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while waiting for a durable write", e);
    } catch (TimeoutException e) {
      throw new UnavailableException(
          "no durable write within %d ms".formatted(patience.toMillis()), e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new UnavailableException("durable write failed: " + e.getCause(), e);
    }
  }

  /** Writes what is queued, then stops. */
  @Override
  public void close() throws TimeoutException {
    closed = true;
    thread.interrupt();
    Shutdown.join(thread);
  }

  private void run() {
    var group = new ArrayList<Pending<?>>(MAX_GROUP);
    while (!closed || !queue.isEmpty()) {
      try {
        group.add(queue.take());
      } catch (InterruptedException e) {
        continue;
      }
      writeGroup(group);
      group.clear();
    }
    // Callers that came in between the last look and now.
    for (var late = queue.poll(); late != null; late = queue.poll()) {
      late.fail(new UnavailableException("the store is closing"));
    }
  }

  private void writeGroup(List<Pending<?>> group) {
    try (var batch = batches.apply(this)) {
      for (int i = 0; i < group.size(); i++) {
        group.get(i).apply(batch);
        if (group.size() < MAX_GROUP && batch.bytes() < MAX_GROUP_BYTES) {
          queue.drainTo(group, 1);
        }
      }
      BlobException failure = null;
      try {
        batch.write();
      } catch (BlobException e) {
        failure = e;
      }
      for (var pending : group) {
        pending.finish(failure);
      }
    } catch (RuntimeException | Error e) {
      for (var pending : group) {
        pending.fail(e);
      }
    }
  }

  private static final class Pending<T> {
    private final Change<T> change;
    private final CompletableFuture<T> done = new CompletableFuture<>();
    private Result<T> result = new Result.Refused<>(new IllegalStateException("not applied"));

    Pending(Change<T> change) {
      this.change = change;
    }

    void apply(Batch batch) {
      batch.begin();
      try {
        result = new Result.Applied<>(change.apply(batch));
        batch.keep();
      } catch (RocksDBException e) {
        batch.undo();
        result = new Result.Refused<>(RocksErrors.of("reading from the database", e));
      } catch (IOException | RuntimeException e) {
        batch.undo();
        result = new Result.Refused<>(e);
      }
    }

    void finish(@Nullable BlobException failure) {
      switch (result) {
        case Result.Refused<T> refused -> done.completeExceptionally(refused.why());
        case Result.Applied<T> applied when failure != null -> done.completeExceptionally(failure);
        case Result.Applied<T> applied -> done.complete(applied.value());
      }
    }

    void fail(Throwable why) {
      done.completeExceptionally(why);
    }
  }

  private sealed interface Result<T> {
    record Applied<T>(T value) implements Result<T> {}

    record Refused<T>(Exception why) implements Result<T> {}
  }
}
