package dev.layercache.server.retention;

import java.util.List;
import java.util.function.Predicate;

/** The rules of all repositories. Thread-safe. */
public final class RetentionRules {
  private static final RepositoryRule COPIES =
      RepositoryRule.of("**", RepositoryRule.Keep.EVICTABLE);

  private final List<RepositoryRule> rules;
  private final Predicate<String> isCopy;

  /**
   * @param rules the first that covers a repository holds
   * @param isCopy whether a repository is a copy of one elsewhere: where no rule covers it, its
   *     images are evictable, since they can be had again
   */
  public RetentionRules(List<RepositoryRule> rules, Predicate<String> isCopy) {
    this.rules = List.copyOf(rules);
    this.isCopy = isCopy;
  }

  /** The rule of a repository. */
  public RepositoryRule of(String repository) {
    for (var rule : rules) {
      if (rule.covers(repository)) {
        return rule;
      }
    }
    return isCopy.test(repository) ? COPIES : RepositoryRule.DEFAULT;
  }

  /** Whether any rule makes images go when no room is needed. */
  boolean expireAnything() {
    return rules.stream().anyMatch(RetentionRules::expires);
  }

  /** Whether the rule of a repository makes images go when no room is needed. */
  boolean expires(String repository) {
    return expires(of(repository));
  }

  private static boolean expires(RepositoryRule rule) {
    return rule.maxAge().isPresent() || rule.maxIdle().isPresent();
  }

  /** Whether a tag must stay where it is. */
  public boolean isImmutable(String repository, String tag) {
    return of(repository).isImmutable(tag);
  }
}
