package dev.layercache.load.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Everything that one suite has found. */
public record SuiteReport(
    String suite,
    String description,
    List<Figure> figures,
    List<Target> targets,
    List<LatencyCurve> latencies,
    List<Growth> growth,
    List<String> notes) {

  /** How far runs of the same thing lay apart, in words; that is the noise of the machine. */
  @JsonProperty
  public String noise() {
    return figures.stream()
        .filter(figure -> figure.values().size() > 1)
        .filter(figure -> figure.metric().isNoiseMeasure())
        .max(Comparator.comparingDouble(figure -> figure.summary().spread()))
        .map(
            widest ->
                String.format(
                    Locale.ROOT,
                    "Widest spread of %d runs, (max - min) / median of throughput, rate or CPU: %.0f %% (%s, %s, %s).",
                    widest.values().size(),
                    100 * widest.summary().spread(),
                    widest.scenario(),
                    widest.variant(),
                    widest.metric().title()))
        .orElse("One run only: the noise is not known.");
  }
}
