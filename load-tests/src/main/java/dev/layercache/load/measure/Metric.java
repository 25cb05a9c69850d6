package dev.layercache.load.measure;

import java.util.Locale;

/** Everything that the bench measures, in the order of the tables' columns. */
public enum Metric {
  /** Payload over time, as the clients saw it. */
  THROUGHPUT("throughput", "GiB/s", 2),
  /** Operations over time, as the clients saw it. */
  RATE("rate", "1/s", 0),
  /** User and system time of the server process, all its threads, per payload. */
  CPU_PER_GIB("server CPU", "s/GiB", 2),
  /** The same per operation. */
  CPU_PER_OPERATION("server CPU", "us/op", 1),
  /** Wall time of the whole. */
  SECONDS("time", "s", 2),
  /** User and system time of the server process in all. */
  CPU_SECONDS("server CPU", "s", 2),
  LATENCY_P50("p50", "ms", 2),
  LATENCY_P99("p99", "ms", 2),
  LATENCY_P999("p99.9", "ms", 2),
  LATENCY_MAX("max", "ms", 1),
  /** The most that the server process had resident while it was measured (VmHWM). */
  PEAK_RESIDENT("peak RSS", "MiB", 0),
  /** Bytes that the server caused to be written to disk, per byte of payload. */
  WRITTEN_PER_BYTE("disk written", "B/B", 3),
  /** Bytes on the clients' sockets, both ways, per byte of payload. */
  SOCKET_PER_BYTE("on socket", "B/B", 4),
  /** Bytes on the clients' sockets, both ways, per operation. */
  SOCKET_PER_OPERATION("on socket", "B/op", 0),
  /** Bytes on the network in all. */
  NETWORK_GIB("network", "GiB", 3),
  /** The part of them that came from, or went to, beyond the site. */
  UPSTREAM_GIB("of it upstream", "GiB", 3),
  /** Requests for the blob that reached the registry beyond the site. */
  UPSTREAM_REQUESTS("requests", "upstream", 0),
  /** By how much the peak of resident memory grows, fitted over the windows of a long run. */
  RESIDENT_SLOPE("RSS slope", "MiB/h", 1),
  /** By how much the 99th percentile grows, fitted over the windows of a long run. */
  LATENCY_SLOPE("p99 slope", "ms/min", 4);

  private final String title;
  private final String unit;
  private final int decimals;

  Metric(String title, String unit, int decimals) {
    this.title = title;
    this.unit = unit;
    this.decimals = decimals;
  }

  /** As in a table's heading, without the unit. */
  public String title() {
    return title;
  }

  public String unit() {
    return unit;
  }

  /** Whether its spread over the runs says how noisy the machine was. */
  public boolean isNoiseMeasure() {
    return switch (this) {
      case THROUGHPUT, RATE, CPU_PER_GIB, CPU_PER_OPERATION, CPU_SECONDS, SECONDS -> true;
      default -> false;
    };
  }

  /** {@code value} with as many decimals as mean something. */
  public String format(double value) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}
