package dev.layercache.cli;

import dev.layercache.client.ClientOptions;
import dev.layercache.client.LayercacheClient;
import dev.layercache.client.LayercacheException;
import picocli.CommandLine.Option;

/** Which server a command talks to. */
final class ServerOption {
  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      defaultValue = "${env:LAYERCACHE_SERVER:-127.0.0.1:8980}",
      description = {
        "The server's gRPC address.",
        "Default: the environment's LAYERCACHE_SERVER, else 127.0.0.1:8980."
      })
  private ClientOptions options;

  /** Connects; the caller closes. */
  LayercacheClient connect() throws LayercacheException {
    return LayercacheClient.connect(options);
  }
}
