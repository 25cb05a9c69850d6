package dev.layercache.server.fill;

import java.util.concurrent.atomic.LongAdder;

/** Counts for one group of origins. Thread-safe. */
final class FillCounters {
  final LongAdder hits = new LongAdder();
  final LongAdder misses = new LongAdder();
  final LongAdder started = new LongAdder();
  final LongAdder ended = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder wrongBytes = new LongAdder();
  final LongAdder resumed = new LongAdder();
  final LongAdder bytesFilled = new LongAdder();
  final LongAdder bytesServed = new LongAdder();

  FillStatistics snapshot(String group) {
    return new FillStatistics(
        group,
        hits.sum(),
        misses.sum(),
        started.sum(),
        Math.max(0, started.sum() - ended.sum()),
        failed.sum(),
        wrongBytes.sum(),
        resumed.sum(),
        bytesFilled.sum(),
        bytesServed.sum());
  }
}
