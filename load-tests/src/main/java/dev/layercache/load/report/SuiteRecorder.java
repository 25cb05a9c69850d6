package dev.layercache.load.report;

import dev.layercache.load.measure.Latencies;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.measure.Outcome;
import dev.layercache.load.measure.Summary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Collects what a suite finds while it runs. Not thread-safe. */
public final class SuiteRecorder {
  private final Map<Key, List<Double>> figures = new LinkedHashMap<>();
  private final Map<Key, Latencies> latencies = new LinkedHashMap<>();
  private final List<Target> targets = new ArrayList<>();
  private final List<Growth> growth = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private record Key(String scenario, String variant, Metric metric) {}

  /** A transfer of large blobs: throughput, CPU per GiB. */
  public void transfer(String scenario, String variant, Outcome outcome) {
    outcome.perByte().forEach((metric, value) -> value(scenario, variant, metric, value));
  }

  /** A load of small requests: rate, latencies, CPU per operation. */
  public void requests(String scenario, String variant, Outcome outcome) {
    outcome.perOperation().forEach((metric, value) -> value(scenario, variant, metric, value));
    curve(scenario, variant, outcome.load().latencies());
  }

  /** A paced load: its latencies only, its rate says nothing. */
  public void latencies(String scenario, String variant, Latencies found) {
    value(scenario, variant, Metric.LATENCY_P50, found.percentile(50));
    value(scenario, variant, Metric.LATENCY_P99, found.percentile(99));
    value(scenario, variant, Metric.LATENCY_P999, found.percentile(99.9));
    value(scenario, variant, Metric.LATENCY_MAX, found.max());
    curve(scenario, variant, found);
  }

  private void curve(String scenario, String variant, Latencies found) {
    latencies
        .computeIfAbsent(new Key(scenario, variant, Metric.LATENCY_P50), k -> new Latencies())
        .add(found);
  }

  /** One value of one run. */
  public void value(String scenario, String variant, Metric metric, double value) {
    figures.computeIfAbsent(new Key(scenario, variant, metric), k -> new ArrayList<>()).add(value);
  }

  /** The runs so far; empty when there is none. */
  public Optional<Summary> summary(String scenario, String variant, Metric metric) {
    return Optional.ofNullable(figures.get(new Key(scenario, variant, metric))).map(Summary::of);
  }

  /** Holds the median of a figure against a target, when there is such a figure. */
  public void target(
      String claim,
      String scenario,
      String variant,
      Metric metric,
      Target.Bound bound,
      double wanted) {
    summary(scenario, variant, metric)
        .ifPresent(
            found -> targets.add(new Target(claim, found.median(), bound, wanted, metric.unit())));
  }

  /** Holds the most that a variant reached in any scenario and run against a target. */
  public void mostTarget(
      String claim, String variant, Metric metric, Target.Bound bound, double wanted) {
    figures.entrySet().stream()
        .filter(entry -> entry.getKey().variant().equals(variant))
        .filter(entry -> entry.getKey().metric() == metric)
        .flatMap(entry -> entry.getValue().stream())
        .max(Double::compare)
        .ifPresent(most -> targets.add(new Target(claim, most, bound, wanted, metric.unit())));
  }

  /** Holds the ratio of two variants' medians against a target, when both were measured. */
  public void ratio(
      String claim,
      String scenario,
      String variant,
      String peer,
      Metric metric,
      Target.Bound bound,
      double wanted) {
    var ours = summary(scenario, variant, metric);
    var theirs = summary(scenario, peer, metric);
    if (ours.isPresent() && theirs.isPresent() && theirs.get().median() > 0) {
      double ratio = ours.get().median() / theirs.get().median();
      targets.add(new Target(claim, ratio, bound, wanted, "x"));
    }
  }

  /** Holds a ratio that is no figure of its own against a target. */
  public void claim(String claim, double reached, Target.Bound bound, double wanted) {
    targets.add(new Target(claim, reached, bound, wanted, "x"));
  }

  public void growth(Growth plot) {
    growth.add(plot);
  }

  /** A sentence for the reader. */
  public void note(String sentence) {
    notes.add(sentence);
  }

  /** All of it. */
  public SuiteReport report(String suite, String description) {
    return new SuiteReport(
        suite,
        description,
        figures.entrySet().stream()
            .map(
                entry ->
                    new Figure(
                        entry.getKey().scenario(),
                        entry.getKey().variant(),
                        entry.getKey().metric(),
                        entry.getValue()))
            .toList(),
        List.copyOf(targets),
        latencies.entrySet().stream()
            .map(
                entry ->
                    new LatencyCurve(
                        entry.getKey().scenario(),
                        entry.getKey().variant(),
                        entry.getValue().count(),
                        entry.getValue().curve()))
            .toList(),
        List.copyOf(growth),
        List.copyOf(notes));
  }
}
