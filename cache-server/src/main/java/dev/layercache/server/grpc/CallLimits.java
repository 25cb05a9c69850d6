package dev.layercache.server.grpc;

import java.time.Duration;

/**
 * What all calls of a door share.
 *
 * @param inbound bounds messages on their way in
 * @param outbound bounds downloads on their way out
 * @param batchReads bounds the answers of BatchReadBlobs
 * @param stall how long a peer may neither send nor take a byte
 */
record CallLimits(
    MemoryPermits inbound, OutboundShares outbound, MemoryPermits batchReads, Duration stall) {}
