package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.report.SuiteRecorder;
import dev.layercache.load.report.Target;
import dev.layercache.load.retention.EvictionRate;
import dev.layercache.load.retention.MonthSimulation;
import java.io.IOException;

/** What the policy is worth in hits, and whether eviction keeps up with what comes in. */
final class RetentionSuite implements Suite {
  private static final int REQUESTS = 50_000_000;

  @Override
  public String name() {
    return "retention";
  }

  @Override
  public String description() {
    return "A simulated month of 50 million requests against the retention policy, beside plain LRU"
        + " and the optimum; and a store that takes in four times its budget.";
  }

  @Override
  public boolean runsUnasked() {
    return false;
  }

  @Override
  public void run(Bench bench, SuiteRecorder recorder) throws IOException, InterruptedException {
    var settings = bench.settings();
    var result =
        new MonthSimulation(settings.seed(), settings.count(REQUESTS, REQUESTS / 100))
            .run(bench::progress);
    result.lines().forEach(recorder::note);
    recorder.claim(
        "hits of the policy against plain LRU",
        result.policyHits() / result.lruHits(),
        Target.Bound.AT_LEAST,
        0.97);
    recorder.claim(
        "hits of the policy against the optimum",
        result.policyHits() / result.optimumHits(),
        Target.Bound.AT_LEAST,
        0.85);
    result
        .heapGrowth()
        .ifPresent(
            growth ->
                recorder.claim(
                    "heap after a month against when the history of evictions was full",
                    growth,
                    Target.Bound.AT_MOST,
                    1.2));
    var rate = new EvictionRate(bench.newDirectory("eviction"), settings.quick());
    for (String line : rate.run(bench::progress)) {
      recorder.note(line);
    }
  }
}
