package dev.layercache.load.server;

import dev.layercache.load.data.Blob;
import dev.layercache.load.measure.ProcessMeter;
import dev.layercache.load.net.Host;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * nginx that sends files with sendfile: about what a machine can do. Blobs lie where a registry's
 * clients ask for them.
 */
public final class Nginx implements Server {
  private static final int STEP = 1 << 20;
  private static final String CONFIGURATION =
      """
      daemon off;
      user root;
      worker_processes auto;
      pid %1$s/nginx.pid;
      error_log stderr error;
      events { worker_connections 1024; }
      http {
        access_log off;
        sendfile on;
        tcp_nopush on;
        keepalive_requests 1000000000;
        client_body_temp_path %1$s/tmp;
        proxy_temp_path %1$s/tmp;
        fastcgi_temp_path %1$s/tmp;
        uwsgi_temp_path %1$s/tmp;
        scgi_temp_path %1$s/tmp;
        open_file_cache max=10000;
        server {
          listen %2$s:%3$d;
          root %1$s/root;
        }
      }
      """;

  private final ChildProcess process;
  private final InetSocketAddress http;
  private final Path root;

  private Nginx(ChildProcess process, InetSocketAddress http, Path root) {
    this.process = process;
    this.http = http;
    this.root = root;
  }

  /**
   * Starts it and waits until it takes connections.
   *
   * @param directory exists; deleted when the server is closed
   */
  public static Nginx start(Path directory) throws IOException, InterruptedException {
    var http = Host.HERE.freeAddress();
    var root = Files.createDirectory(directory.resolve("root"));
    Files.createDirectory(directory.resolve("tmp"));
    var file = directory.resolve("nginx.conf");
    var configuration = CONFIGURATION.formatted(directory, http.getHostString(), http.getPort());
    var mayChooseUser = System.getProperty("user.name").equals("root");
    Files.writeString(
        file, mayChooseUser ? configuration : configuration.replace("user root;\n", ""));
    var command = List.of("nginx", "-e", "stderr", "-c", file.toString());
    var process = ChildProcess.start(directory, command, Map.of());
    try {
      process.awaitPort(http);
      return new Nginx(process, http, root);
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.stop();
      throw e;
    }
  }

  @Override
  public String name() {
    return "nginx";
  }

  @Override
  public InetSocketAddress http() {
    return http;
  }

  @Override
  public Optional<Path> data() {
    return Optional.of(root);
  }

  @Override
  public Optional<ProcessMeter> meter() {
    return Optional.of(process.meter());
  }

  @Override
  public boolean takesPushes() {
    return false;
  }

  @Override
  public void place(String repository, Blob blob) throws IOException {
    var directory =
        Files.createDirectories(root.resolve("v2").resolve(repository).resolve("blobs"));
    var bytes = blob.bytes();
    var buffer = ByteBuffer.allocateDirect((int) Math.min(STEP, blob.size()));
    try (var file =
        FileChannel.open(
            directory.resolve(blob.digest().toString()),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE)) {
      for (long left = blob.size(); left > 0; left -= buffer.limit()) {
        buffer.clear().limit((int) Math.min(left, buffer.capacity()));
        bytes.fill(buffer);
        buffer.flip();
        while (buffer.hasRemaining()) {
          file.write(buffer);
        }
      }
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
