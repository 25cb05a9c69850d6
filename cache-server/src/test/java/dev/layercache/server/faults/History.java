package dev.layercache.server.faults;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What several threads did to one blob, and whether some order of it explains every answer: the
 * blob is there or not, a put makes it be there, a deletion says whether it was (linearizability,
 * Wing and Gong's search with the states that were tried). Thread-safe while it is recorded.
 */
final class History {
  /** A bit for each operation. */
  private static final int MOST = 62;

  private final AtomicLong time = new AtomicLong();
  private final List<Operation> operations = new ArrayList<>();

  /** What was asked. */
  enum Kind {
    PUT,
    DELETE,
    LOOK
  }

  /**
   * @param found whether the blob was there, for deletions and looks
   */
  record Operation(Kind kind, boolean found, long began, long ended) {}

  /** Something that tells whether the blob was there. */
  @FunctionalInterface
  interface Call {
    boolean run() throws Exception;
  }

  /** Runs an operation and records it; one that fails is not recorded. */
  void record(Kind kind, Call call) throws Exception {
    long began = time.incrementAndGet();
    boolean found = call.run();
    long ended = time.incrementAndGet();
    synchronized (operations) {
      operations.add(new Operation(kind, found, began, ended));
    }
  }

  boolean isFull(int writers) {
    synchronized (operations) {
      return operations.size() + writers > MOST;
    }
  }

  int size() {
    synchronized (operations) {
      return operations.size();
    }
  }

  /** Whether there is such an order, beginning with no blob. */
  boolean isLinearizable() {
    return search(0, false, new HashSet<>());
  }

  @Override
  public String toString() {
    return operations.toString();
  }

  private boolean search(long done, boolean present, Set<Long> tried) {
    if (done == (1L << operations.size()) - 1) {
      return true;
    }
    if (!tried.add(done << 1 | (present ? 1 : 0))) {
      return false;
    }
    long firstEnd = Long.MAX_VALUE;
    for (int i = 0; i < operations.size(); i++) {
      if ((done & 1L << i) == 0) {
        firstEnd = Math.min(firstEnd, operations.get(i).ended());
      }
    }
    for (int i = 0; i < operations.size(); i++) {
      var next = operations.get(i);
      boolean isPossible = (done & 1L << i) == 0 && next.began() < firstEnd;
      if (isPossible
          && explains(next, present)
          && search(done | 1L << i, after(next, present), tried)) {
        return true;
      }
    }
    return false;
  }

  private static boolean explains(Operation operation, boolean present) {
    return operation.kind() == Kind.PUT || operation.found() == present;
  }

  private static boolean after(Operation operation, boolean present) {
    return switch (operation.kind()) {
      case PUT -> true;
      case DELETE -> false;
      case LOOK -> present;
    };
  }
}
