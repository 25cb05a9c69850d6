package dev.layercache.server.upstream;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * How an upstream is, and what was asked of it since the start. What was spared it is in {@link
 * dev.layercache.server.fill.FillStatistics} of the same name.
 *
 * @param host how clients call it
 * @param state of its breaker
 * @param reason why that is not closed
 * @param requests that were sent, without those of logins
 * @param failures of these: no answer, a failure of the upstream's own, or a limit
 * @param rateLimit manifests that may be asked for in a period; empty when it does not say
 * @param rateRemaining how many of these are left; empty when it does not say
 * @param pause how long it does not want to be asked for manifests
 */
public record UpstreamStatistics(
    String host,
    CircuitBreaker.State state,
    String reason,
    long requests,
    long failures,
    OptionalLong rateLimit,
    OptionalLong rateRemaining,
    Duration pause) {}
