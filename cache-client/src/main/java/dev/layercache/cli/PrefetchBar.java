package dev.layercache.cli;

import dev.layercache.client.PrefetchReport;

/**
 * Shows on a terminal how far a prefetch is, in one line that is redrawn; nothing elsewhere. One
 * thread.
 */
final class PrefetchBar implements AutoCloseable {
  private static final int BAR = 24;

  /** ECMA-48: to the beginning of the line, erase it. */
  private static final String ERASE = "\r\u001b[K";

  private final Streams streams;
  private boolean drawn;

  PrefetchBar(Streams streams) {
    this.streams = streams;
  }

  void show(PrefetchReport report) {
    if (streams.columns().isEmpty()) {
      return;
    }
    int columns = streams.columns().get();
    String text = line(report);
    streams.err().print(ERASE + (text.length() < columns ? text : text.substring(0, columns - 1)));
    streams.err().flush();
    drawn = true;
  }

  private static String line(PrefetchReport report) {
    long there = report.bytesStored() + report.bytesFetched();
    long bytes = Math.max(1, report.bytes());
    int done = (int) Math.min(BAR, BAR * (there / (double) bytes));
    return "%d images  [%s%s]  %s / %s  %d of %d blobs"
        .formatted(
            report.images().size(),
            "=".repeat(done),
            " ".repeat(BAR - done),
            Sizes.bytes(there),
            Sizes.bytes(report.bytes()),
            report.blobsStored(),
            report.blobs());
  }

  @Override
  public void close() {
    if (drawn) {
      streams.err().print(ERASE);
      streams.err().flush();
      drawn = false;
    }
  }
}
