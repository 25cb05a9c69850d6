package dev.layercache.load.report;

import java.util.List;

/** Everything that one suite has found. */
public record SuiteReport(
    String suite,
    String description,
    List<Figure> figures,
    List<Target> targets,
    List<LatencyCurve> latencies,
    List<Growth> growth,
    List<String> notes) {}
