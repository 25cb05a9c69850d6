package dev.layercache.server.mirror;

import java.time.Duration;
import java.util.Optional;

/**
 * Something that a repository has.
 *
 * @param value what was found
 * @param stale why and how old, when its origin could not be asked whether it still is so
 */
public record Found<T>(T value, Optional<Stale> stale) {

  /** What is known to be right. */
  static <T> Found<T> fresh(T value) {
    return new Found<>(value, Optional.empty());
  }

  /**
   * A tag that could not be compared with its origin.
   *
   * @param age since it last was
   * @param reason why it was not now
   */
  public record Stale(Duration age, String reason) {}
}
