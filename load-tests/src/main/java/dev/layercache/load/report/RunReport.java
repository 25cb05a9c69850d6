package dev.layercache.load.report;

import dev.layercache.load.measure.Machine;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * One run of the bench.
 *
 * @param command as it was typed
 * @param quick whether sizes and counts were too small for figures to mean anything
 */
public record RunReport(
    Instant date, Machine machine, String command, boolean quick, List<SuiteReport> suites) {
  public RunReport {
    date = date.truncatedTo(ChronoUnit.SECONDS);
  }

  /** How far runs of the same thing lay apart, in words; that is the noise of the machine. */
  public static String noise(SuiteReport suite) {
    return suite.figures().stream()
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
