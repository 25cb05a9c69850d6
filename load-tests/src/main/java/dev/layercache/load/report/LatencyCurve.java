package dev.layercache.load.report;

import dev.layercache.load.measure.Latencies;
import java.util.List;

/** The distribution of latencies of one variant in one scenario, over all its runs. */
public record LatencyCurve(
    String scenario, String variant, long count, List<Latencies.Point> points) {}
