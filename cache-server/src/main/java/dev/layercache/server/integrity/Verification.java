package dev.layercache.server.integrity;

import dev.layercache.server.blob.UnavailableException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Checks everything that is stored, while it is in use. Reads as fast as the disk gives, with one
 * reader. One run at a time. Thread-safe.
 */
public final class Verification {
  /** Findings that are reported one by one; further ones are only counted. */
  public static final int MOST_REPORTED = 10_000;

  private static final int PAGE = 256;

  private final BlobInventory inventory;
  private final AtomicBoolean running = new AtomicBoolean();

  public Verification(BlobInventory inventory) {
    this.inventory = inventory;
  }

  /**
   * How far a run is.
   *
   * @param blobs checked so far
   * @param bytes read so far
   */
  public record Progress(long blobs, long bytes) {}

  /**
   * What a run found.
   *
   * @param checked what it looked at
   * @param damage the first {@value #MOST_REPORTED} findings
   * @param findings how many there were
   */
  public record Report(Progress checked, List<Damage> damage, long findings) {}

  /** Is told how a run goes, on the thread that runs it. */
  public interface Observer {
    /**
     * After each read of at most 1 MiB.
     *
     * @return whether to go on
     */
    boolean goOn(Progress progress);

    /** Something is damaged. */
    void found(Damage damage);
  }

  /**
   * Runs to the end, or until the observer has had enough.
   *
   * @throws UnavailableException if another run is under way
   * @throws IOException if the store cannot be read for another reason than damage
   */
  public Report run(Depth depth, Observer observer) throws IOException, InterruptedException {
    if (!running.compareAndSet(false, true)) {
      throw new UnavailableException("a verification is running already; one runs at a time");
    }
    try {
      return new Run(depth, observer).run();
    } finally {
      running.set(false);
    }
  }

  private final class Run {
    private final Observer observer;
    private final BlobCheck check;
    private final List<Damage> damage = new ArrayList<>();
    private long findings;
    private long blobs;
    private long bytes;
    private boolean stopped;

    Run(Depth depth, Observer observer) {
      this.observer = observer;
      this.check = new BlobCheck(inventory, depth, this::mayRead);
    }

    Report run() throws IOException, InterruptedException {
      inventory.checkRecords(() -> mayRead(0)).forEach(this::found);
      long last = 0;
      for (boolean end = false; !end && !stopped; ) {
        var page = inventory.after(last, PAGE);
        page.damage().forEach(this::found);
        for (var item : page.items()) {
          if (stopped) {
            break;
          }
          check.check(item).ifPresent(this::found);
          blobs++;
        }
        last = page.last();
        end = page.end();
      }
      return new Report(new Progress(blobs, bytes), List.copyOf(damage), findings);
    }

    private boolean mayRead(long next) {
      bytes += next;
      stopped |= !observer.goOn(new Progress(blobs, bytes));
      return !stopped;
    }

    private void found(Damage found) {
      findings++;
      if (damage.size() < MOST_REPORTED) {
        damage.add(found);
        observer.found(found);
      }
    }
  }
}
