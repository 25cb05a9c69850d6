package dev.layercache.server.grpc;

import com.google.rpc.Status;
import io.grpc.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;

/** What the batch calls have in common. */
final class Batch {
  static final Status OK = Status.getDefaultInstance();

  /** Each takes some hundred bytes of heap to answer, however small it is. */
  private static final int MOST_BLOBS = 10_000;

  /** Durable writes are grouped by the store, so a batch gains by many at once. */
  private static final int AT_ONCE = 16;

  private Batch() {}

  /**
   * Refuses a batch of too many blobs.
   *
   * @throws StatusException if there are more than 10,000
   */
  static void requireFew(int blobs) throws StatusException {
    if (blobs > MOST_BLOBS) {
      throw GrpcErrors.invalid("batch of %d blobs (expected: at most %d)", blobs, MOST_BLOBS);
    }
  }

  /** A failure as the status of one blob. */
  static Status status(Exception failure) {
    var status = GrpcErrors.status(failure);
    var result = Status.newBuilder().setCode(status.getCode().value());
    if (status.getDescription() != null) {
      result.setMessage(status.getDescription());
    }
    return result.build();
  }

  /**
   * Applies {@code function} to every item, to 16 of them at once, and returns when the last one is
   * done.
   *
   * @param function must not throw
   * @return the results in the order of the items
   */
  static <T, R> List<R> inParallel(List<T> items, Function<T, R> function) {
    if (items.size() <= 1) {
      return items.stream().map(function).toList();
    }
    var results = new AtomicReferenceArray<R>(items.size());
    var next = new AtomicInteger();
    Runnable worker =
        () -> {
          for (int i = next.getAndIncrement(); i < items.size(); i = next.getAndIncrement()) {
            results.set(i, function.apply(items.get(i)));
          }
        };
    // Closing it waits for the workers: no item is touched after this method has returned.
    try (var workers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < Math.min(AT_ONCE, items.size()); i++) {
        workers.execute(worker);
      }
    }
    var list = new ArrayList<R>(items.size());
    for (int i = 0; i < items.size(); i++) {
      list.add(results.get(i));
    }
    return list;
  }
}
