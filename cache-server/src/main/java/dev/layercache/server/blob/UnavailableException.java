package dev.layercache.server.blob;

import java.time.Duration;
import java.util.Optional;

/**
 * Not now: the store is closing, a slower source is away, or a bounded wait is over. Trying again
 * may help.
 */
public final class UnavailableException extends BlobException {
  private static final long serialVersionUID = 1;

  /** Zero when not known. */
  private final Duration retryAfter;

  public UnavailableException(String message) {
    super(message);
    retryAfter = Duration.ZERO;
  }

  public UnavailableException(String message, Throwable cause) {
    super(message, cause);
    retryAfter = Duration.ZERO;
  }

  /**
   * @param retryAfter when trying again may help; zero when that is not known
   */
  public UnavailableException(String message, Duration retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  /** When trying again may help; empty when that is not known. */
  public Optional<Duration> retryAfter() {
    return retryAfter.isPositive() ? Optional.of(retryAfter) : Optional.empty();
  }
}
