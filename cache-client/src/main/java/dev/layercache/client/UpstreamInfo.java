package dev.layercache.client;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * A registry, or another slower place, that a server fetches from: how it is, and what happened
 * since the server started.
 *
 * @param name as clients call it
 * @param breaker {@code closed}, {@code open} or {@code half-open}; empty where there is none
 * @param reason why the breaker is not closed
 * @param requests that were sent to it
 * @param failures of these
 * @param rateLimit manifests that it gives in a period; empty when it does not say
 * @param rateRemaining how many of these are left; empty when it does not say
 * @param pause how long it does not want to be asked
 * @param hits blobs that clients wanted and the server had
 * @param misses blobs that clients wanted and the server did not have
 * @param fills blobs that were begun to be fetched
 * @param fillsFailed of these, given up
 * @param wrongBytes of these, refused because their digest was wrong
 * @param bytesFilled that came from it
 * @param bytesServed that clients were given
 */
public record UpstreamInfo(
    String name,
    String breaker,
    String reason,
    long requests,
    long failures,
    OptionalLong rateLimit,
    OptionalLong rateRemaining,
    Duration pause,
    long hits,
    long misses,
    long fills,
    long fillsFailed,
    long wrongBytes,
    long bytesFilled,
    long bytesServed) {

  /** Bytes that clients were given and that did not have to come from it for that. */
  public long bytesSaved() {
    return Math.max(0, bytesServed - bytesFilled);
  }
}
