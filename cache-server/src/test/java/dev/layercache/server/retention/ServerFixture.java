package dev.layercache.server.retention;

import dev.layercache.cli.Main;
import dev.layercache.client.ClientOptions;
import dev.layercache.client.LayercacheClient;
import dev.layercache.client.TransferListener;
import dev.layercache.oci.ImageReference;
import dev.layercache.server.app.LayercacheServer;
import dev.layercache.server.config.DataSize;
import dev.layercache.server.config.DiskShare;
import dev.layercache.server.config.HostPort;
import dev.layercache.server.config.ServerConfig;
import dev.layercache.server.crash.SeededImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A whole server on a data directory, a client of it, and its commands. */
final class ServerFixture implements AutoCloseable {
  private static final HostPort ANY = new HostPort("127.0.0.1", 0);

  final LayercacheServer server;
  final LayercacheClient client;

  /** What a command printed, and its exit code. */
  record Outcome(int code, String out, String err) {}

  private ServerFixture(LayercacheServer server) throws IOException {
    this.server = server;
    this.client = LayercacheClient.connect(ClientOptions.server(server.grpcAddress().toString()));
  }

  static ServerFixture start(Path data, long budget, RepositoryRule... rules) throws IOException {
    return start(data, budget, RetentionOptions.DEFAULTS.grace(), rules);
  }

  static ServerFixture start(Path data, long budget, Duration grace, RepositoryRule... rules)
      throws IOException {
    var defaults = ServerConfig.DEFAULTS;
    var storage =
        new ServerConfig.Storage(
            defaults.storage().maxBlobSize(),
            new DiskShare.Fixed(new DataSize(budget)),
            defaults.storage().reserve(),
            RetentionOptions.DEFAULTS.withRules(List.of(rules)).withGrace(grace));
    return new ServerFixture(
        LayercacheServer.start(
            new ServerConfig(
                data,
                new ServerConfig.Grpc(ANY),
                defaults.http().withListen(ANY),
                storage,
                defaults.limits())));
  }

  /** Pushes the image that follows from a number. */
  SeededImage push(String tag, long seed) throws IOException {
    var image = new SeededImage(seed);
    client.pushImage(image, ImageReference.parse(tag), TransferListener.NONE);
    return image;
  }

  /** Runs a command of the command line against this server. */
  Outcome run(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    var all =
        Stream.concat(Stream.of(arguments), Stream.of("--server", server.grpcAddress().toString()))
            .toArray(String[]::new);
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
    return new Outcome(code, out.toString(), err.toString());
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
