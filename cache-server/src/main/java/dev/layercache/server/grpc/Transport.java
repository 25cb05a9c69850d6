package dev.layercache.server.grpc;

import dev.layercache.server.config.ServerConfig;
import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.grpc.netty.NettyServerBuilder;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** The bounds of a connection: sizes, counts and times. */
final class Transport {
  /** Buck2 sends batches somewhat larger than the total that is advertised. */
  private static final int MAX_MESSAGE_BYTES = 16 << 20;

  /** Room for an authorization header and REAPI's RequestMetadata. */
  private static final int MAX_METADATA_BYTES = 32 << 10;

  /** A peer that was quiet for this long is pinged. */
  private static final long KEEP_ALIVE_SECONDS = 60;

  /** A peer that does not answer a ping for this long is gone. */
  private static final long KEEP_ALIVE_TIMEOUT_SECONDS = 20;

  /** Clients behind a load balancer ping this often, with or without calls. */
  private static final long PERMITTED_KEEP_ALIVE_SECONDS = 10;

  private static final long MAX_IDLE_MINUTES = 30;

  /**
   * Streams that one peer may reset in a while; more is the rapid reset attack (CVE-2023-44487).
   */
  private static final int MAX_RESETS = 2_000;

  private static final int RESET_WINDOW_SECONDS = 10;

  private Transport() {}

  /**
   * @param window flow-control window in bytes, see {@link MemoryBudget#receiveWindow}
   */
  static NettyServerBuilder at(
      InetSocketAddress address, EventLoops loops, ServerConfig.Limits limits, int window) {
    var connections = new ConnectionLimit(limits.maxConnections());
    return loops
        .use(NettyServerBuilder.forAddress(address))
        // Handlers only start virtual threads, so they run where the bytes arrive.
        .directExecutor()
        .addTransportFilter(connections)
        .intercept(connections)
        .maxConcurrentCallsPerConnection(limits.maxCallsPerConnection())
        .flowControlWindow(window)
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        // Blobs are compressed already, and 16 KiB of gzip are 16 MiB of empty digests.
        .decompressorRegistry(DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false))
        .maxInboundMetadataSize(MAX_METADATA_BYTES)
        .maxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .permitKeepAliveTime(PERMITTED_KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .maxConnectionIdle(MAX_IDLE_MINUTES, TimeUnit.MINUTES);
  }
}
