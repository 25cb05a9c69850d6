package dev.layercache.cli;

import dev.layercache.client.TransferListener;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A bar per layer that moves, redrawn in place; layers that are done or were there already stand
 * above as lines. Needs no thread: it is drawn when something happens. Thread-safe.
 */
final class TerminalProgress implements TransferProgress, TransferListener {
  private static final long REDRAW_NANOS = Duration.ofMillis(100).toNanos();

  /** Most bars at once; more transfers run unseen. */
  private static final int MAX_BARS = 16;

  private static final int BAR = 24;

  /** ECMA-48: cursor up, erase from the cursor to the end of the screen. */
  private static final String ERASE = "\u001b[%dA\u001b[J";

  private final PrintWriter err;
  private final int columns;
  private final Map<Digest, Transfer> moving = new LinkedHashMap<>();
  private int drawn;
  private long lastDrawn = System.nanoTime() - REDRAW_NANOS;

  /**
   * A layer on its way.
   *
   * @param offset where it began
   * @param began {@link System#nanoTime} of that
   * @param position bytes across now
   */
  private record Transfer(Descriptor blob, long offset, long began, long position) {
    Transfer at(long newPosition) {
      return new Transfer(blob, offset, began, newPosition);
    }

    String rate() {
      return Sizes.rate(Math.max(0, position - offset), (System.nanoTime() - began) / 1e9);
    }
  }

  TerminalProgress(PrintWriter err, int columns) {
    this.err = err;
    this.columns = columns;
  }

  @Override
  public TransferListener listener() {
    return this;
  }

  @Override
  public synchronized void started(Descriptor blob, long offset) {
    if (TransferProgress.isShown(blob)) {
      moving.put(blob.digest(), new Transfer(blob, offset, System.nanoTime(), offset));
      redraw();
    }
  }

  @Override
  public synchronized void progressed(Descriptor blob, long position) {
    moving.computeIfPresent(blob.digest(), (digest, transfer) -> transfer.at(position));
    if (System.nanoTime() - lastDrawn >= REDRAW_NANOS) {
      redraw();
    }
  }

  @Override
  public synchronized void finished(Descriptor blob) {
    Transfer transfer = moving.remove(blob.digest());
    if (transfer != null) {
      line(blob, "done", transfer.at(blob.size()).rate());
    }
  }

  @Override
  public synchronized void alreadyThere(Descriptor blob) {
    if (TransferProgress.isShown(blob)) {
      line(blob, "already there", "");
    }
  }

  @Override
  public synchronized void close() {
    moving.clear();
    redraw();
  }

  private void line(Descriptor blob, String what, String rate) {
    erase();
    println(row(blob, what, Sizes.bytes(blob.size()), rate));
    redraw();
  }

  private void redraw() {
    erase();
    for (Transfer transfer : moving.values()) {
      if (drawn == MAX_BARS) {
        break;
      }
      println(
          row(
              transfer.blob(),
              bar(transfer),
              Sizes.bytes(transfer.position()) + " / " + Sizes.bytes(transfer.blob().size()),
              transfer.rate()));
      drawn++;
    }
    err.flush();
    lastDrawn = System.nanoTime();
  }

  private void erase() {
    if (drawn > 0) {
      err.print(ERASE.formatted(drawn));
      drawn = 0;
    }
  }

  /** Never wider than the terminal: a wrapped line would be erased by half. */
  private void println(String text) {
    err.println(text.length() < columns ? text : text.substring(0, columns - 1));
  }

  private static String row(Descriptor blob, String what, String size, String rate) {
    return "%s  %-26s  %21s  %12s"
        .formatted(TransferProgress.brief(blob), what, size, rate)
        .stripTrailing();
  }

  private static String bar(Transfer transfer) {
    long size = Math.max(1, transfer.blob().size());
    int done = (int) Math.min(BAR, BAR * (transfer.position() / (double) size));
    return "[" + "=".repeat(done) + " ".repeat(BAR - done) + "]";
  }
}
