package dev.layercache.load.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.layercache.load.measure.Machine;
import dev.layercache.load.measure.Metric;
import dev.layercache.load.report.Target.Bound;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final Machine MACHINE =
      new Machine(2, "<fast> & 'good'", 8L << 30, "Linux", "JDK", "ext4", 0.1);

  @TempDir private Path directory;

  @Test
  void aCellHoldsMedianLeastAndMost() {
    assertThat(Table.cell(figure(3.0, 1.0, 2.0))).isEqualTo("2.00 (1.00-3.00)");
    assertThat(Table.cell(figure(2.5))).isEqualTo("2.50");
  }

  @Test
  void aTableHasARowForEachScenarioAndVariant() {
    var lines = Table.ofFigures(suite()).text().lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).contains("throughput, GiB/s", "server CPU, s/GiB");
    assertThat(lines.get(1)).startsWith("push").contains("ours", "6.00 (6.00-6.00)", "1.00");
    assertThat(lines.get(2)).startsWith("push").contains("peer", "2.00 (1.00-3.00)");
  }

  @Test
  void aRatioOfMediansIsHeldAgainstItsTarget() {
    assertThat(suite().targets())
        .containsExactly(
            new Target("three times", 3, Bound.AT_LEAST, 3, "x"),
            new Target("little CPU", 1, Bound.AT_MOST, 0.5, "s/GiB"));
    assertThat(suite().targets().stream().map(Target::met)).containsExactly(true, false);
  }

  @Test
  void whatWasNotMeasuredHasNoTarget() {
    var recorder = new SuiteRecorder();
    recorder.value("push", "ours", Metric.THROUGHPUT, 1);
    recorder.ratio("r", "push", "ours", "absent", Metric.THROUGHPUT, Bound.AT_LEAST, 3);
    recorder.target("t", "pull", "ours", Metric.THROUGHPUT, Bound.AT_LEAST, 3);
    assertThat(recorder.report("s", "d").targets()).isEmpty();
  }

  @Test
  void theNoiseIsTheWidestSpread() {
    assertThat(suite().noise()).contains("100 %", "peer", "throughput");
  }

  @Test
  void theJsonHasEveryValue() throws IOException {
    var json = new ObjectMapper().readTree(JsonReport.bytes(run(false)));
    assertThat(json.at("/suites/0/noise").asText()).contains("100 %");
    assertThat(json.at("/date").asText()).isEqualTo("2026-01-02T03:04:05Z");
    assertThat(json.at("/machine/cores").asInt()).isEqualTo(2);
    var peer = json.at("/suites/0/figures/2");
    assertThat(peer.at("/variant").asText()).isEqualTo("peer");
    assertThat(peer.at("/metric").asText()).isEqualTo("THROUGHPUT");
    assertThat(peer.at("/values").toString()).isEqualTo("[1.0,3.0,2.0]");
  }

  @Test
  void thePageNeedsNothingElseAndEscapesWhatItIsGiven() {
    var page = HtmlReport.of(run(true));
    assertThat(page).contains("<svg", "A quick run", "&lt;fast> &amp; &#39;good&#39;");
    assertThat(page).doesNotContain("<script", "http://", "https://", "src=", "@import", "NaN");
  }

  @Test
  void aRunReplacesItsOwnSectionsOfTheResults() throws IOException {
    var file = directory.resolve("RESULTS.md");
    new ResultsFile(file).update(run(false));
    var first = Files.readString(file) + "\nkept\n";
    Files.writeString(file, first);
    new ResultsFile(file).update(run(false));
    assertThat(file).hasContent(first);
    assertThat(first).contains("## blobs", "load-tests/run blobs", "| push | ours |");
  }

  @Test
  void aQuickRunIsNotWrittenToTheResults() {
    var file = directory.resolve("RESULTS.md");
    assertThatThrownBy(() -> new ResultsFile(file).update(run(true)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(file).doesNotExist();
  }

  private static Figure figure(Double... values) {
    return new Figure("push", "ours", Metric.THROUGHPUT, List.of(values));
  }

  private static SuiteReport suite() {
    var recorder = new SuiteRecorder();
    for (double value : new double[] {1, 3, 2}) {
      recorder.value("push", "ours", Metric.THROUGHPUT, 6);
      recorder.value("push", "ours", Metric.CPU_PER_GIB, 1);
      recorder.value("push", "peer", Metric.THROUGHPUT, value);
    }
    recorder.ratio("three times", "push", "ours", "peer", Metric.THROUGHPUT, Bound.AT_LEAST, 3);
    recorder.target("little CPU", "push", "ours", Metric.CPU_PER_GIB, Bound.AT_MOST, 0.5);
    recorder.growth(
        new Growth(
            "bytes",
            "agents",
            List.of(new Growth.Line("ours", List.of(0.0, 5.0), List.of(1.0, 2.0)))));
    return recorder.report("blobs", "Large blobs.");
  }

  private static RunReport run(boolean quick) {
    return new RunReport(
        Instant.parse("2026-01-02T03:04:05.678Z"),
        MACHINE,
        "load-tests/run blobs",
        quick,
        List.of(suite()));
  }
}
