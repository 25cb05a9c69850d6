package dev.layercache.load.measure;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * One run of a load against one server.
 *
 * @param usage what the server used meanwhile; empty when it is not a process of ours
 */
public record Outcome(Load load, Optional<Usage> usage) {
  private static final double GIB = 1L << 30;
  private static final double MIB = 1L << 20;

  /** For transfers of large blobs: per byte. */
  public Map<Metric, Double> perByte() {
    var values = new EnumMap<Metric, Double>(Metric.class);
    double gib = load.payloadBytes() / GIB;
    values.put(Metric.THROUGHPUT, gib / load.seconds());
    values.put(Metric.LATENCY_P50, load.latencies().percentile(50));
    values.put(Metric.LATENCY_MAX, load.latencies().max());
    if (load.socketBytes() > 0) {
      values.put(Metric.SOCKET_PER_BYTE, (double) load.socketBytes() / load.payloadBytes());
    }
    usage.ifPresent(
        used -> {
          values.put(Metric.CPU_PER_GIB, used.cpuSeconds() / gib);
          values.put(Metric.PEAK_RESIDENT, used.peakResidentBytes() / MIB);
          values.put(Metric.WRITTEN_PER_BYTE, (double) used.writtenBytes() / load.payloadBytes());
        });
    return values;
  }

  /** For small requests: per operation. */
  public Map<Metric, Double> perOperation() {
    var values = new EnumMap<Metric, Double>(Metric.class);
    values.put(Metric.RATE, load.operations() / load.seconds());
    values.put(Metric.LATENCY_P50, load.latencies().percentile(50));
    values.put(Metric.LATENCY_P99, load.latencies().percentile(99));
    values.put(Metric.LATENCY_P999, load.latencies().percentile(99.9));
    values.put(Metric.LATENCY_MAX, load.latencies().max());
    if (load.socketBytes() > 0) {
      values.put(Metric.SOCKET_PER_OPERATION, (double) load.socketBytes() / load.operations());
    }
    usage.ifPresent(
        used -> {
          values.put(Metric.CPU_PER_OPERATION, used.cpuSeconds() * 1e6 / load.operations());
          values.put(Metric.PEAK_RESIDENT, used.peakResidentBytes() / MIB);
        });
    return values;
  }
}
