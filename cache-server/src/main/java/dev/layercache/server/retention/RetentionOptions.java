package dev.layercache.server.retention;

import java.time.Duration;
import java.util.List;

/**
 * What is kept and for how long.
 *
 * @param rules by repository; the first that covers one holds
 * @param grace how long a blob that somebody was told to be there is not evicted: long enough for a
 *     push to come to its manifest
 * @param pinnedShare of the budget that pins and leases may take together, 0 to 1
 * @param remembered evictions, of which the oldest give way
 */
public record RetentionOptions(
    List<RepositoryRule> rules, Duration grace, double pinnedShare, long remembered) {
  /** What holds unless it is configured. */
  public static final RetentionOptions DEFAULTS =
      new RetentionOptions(List.of(), Duration.ofMinutes(10), 0.5, 100_000);

  public RetentionOptions {
    rules = List.copyOf(rules);
    if (grace.isNegative()) {
      throw new IllegalArgumentException("grace: %s (expected: not negative)".formatted(grace));
    }
    if (!(pinnedShare >= 0 && pinnedShare <= 1)) {
      throw new IllegalArgumentException(
          "pinned share: %s (expected: 0 to 1)".formatted(pinnedShare));
    }
    if (remembered < 1) {
      throw new IllegalArgumentException(
          "remembered evictions: %d (expected: at least 1)".formatted(remembered));
    }
  }

  /** The same with other rules. */
  public RetentionOptions withRules(List<RepositoryRule> other) {
    return new RetentionOptions(other, grace, pinnedShare, remembered);
  }

  /** The same with another grace. */
  public RetentionOptions withGrace(Duration other) {
    return new RetentionOptions(rules, other, pinnedShare, remembered);
  }

  /** The same with another length of the history. */
  public RetentionOptions withRemembered(long evictions) {
    return new RetentionOptions(rules, grace, pinnedShare, evictions);
  }
}
