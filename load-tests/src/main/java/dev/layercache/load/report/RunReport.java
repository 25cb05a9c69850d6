package dev.layercache.load.report;

import dev.layercache.load.measure.Machine;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

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
}
