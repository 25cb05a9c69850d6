package dev.layercache.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.bazel.remote.execution.v2.CapabilitiesGrpc;
import build.bazel.remote.execution.v2.GetCapabilitiesRequest;
import dev.layercache.cli.Main;
import dev.layercache.server.config.ConfigKey;
import dev.layercache.server.config.ConfigLoader;
import dev.layercache.server.config.HostPort;
import io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(60)
class ServeCommandTest {
  private static final Pattern READY =
      Pattern.compile("ready grpc=(127\\.0\\.0\\.1:\\d+) http=(127\\.0\\.0\\.1:\\d+)");

  @TempDir private Path directory;

  private record Result(int exitCode, String out, String err) {}

  private static Result run(String... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    int exitCode =
        new CommandLine(new ServeCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(args);
    return new Result(exitCode, out.toString(), err.toString());
  }

  private Result serve(String... more) {
    var args = new ArrayList<>(List.of("--data", directory.resolve("data").toString()));
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  private Process start(String... more) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "serve",
                "--data",
                directory.resolve("data").toString(),
                "--grpc=127.0.0.1:0",
                "--http=127.0.0.1:0"));
    command.addAll(List.of(more));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  @Test
  void aServerSaysWhenItIsReadyServesAndEndsWell() throws Exception {
    var process = start();
    try (var out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      var ready = READY.matcher(String.valueOf(out.readLine()));
      assertThat(ready.matches()).isTrue();
      var grpc = HostPort.parse(ready.group(1));
      var channel = NettyChannelBuilder.forAddress(grpc.host(), grpc.port()).usePlaintext().build();
      try {
        var capabilities =
            CapabilitiesGrpc.newBlockingStub(channel)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .getCapabilities(GetCapabilitiesRequest.getDefaultInstance());
        assertThat(capabilities.getCacheCapabilities().getMaxCasBlobSizeBytes())
            .isEqualTo(32L << 30);
      } finally {
        channel.shutdownNow();
      }

      process.toHandle().destroy();

      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
      assertThat(out.readLine()).as("a second line").isNull();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void aPortThatIsInUseIsNamed() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      var address = "127.0.0.1:" + taken.getLocalPort();

      var grpc = serve("--grpc", address, "--http", "127.0.0.1:0");
      assertThat(grpc.exitCode()).isEqualTo(1);
      assertThat(grpc.out()).isEmpty();
      assertThat(grpc.err()).contains("cannot listen on " + address).contains("in use");

      var http = serve("--grpc", "127.0.0.1:0", "--http", address);
      assertThat(http.exitCode()).isEqualTo(1);
      assertThat(http.err()).contains("cannot listen on " + address).contains("in use");
    }
  }

  @Test
  void aDataDirectoryInUseIsNamed() throws Exception {
    var config =
        new ConfigLoader()
            .flag(ConfigKey.DATA, "--data", directory.resolve("data").toString())
            .flag(ConfigKey.GRPC_LISTEN, "--grpc", "127.0.0.1:0")
            .flag(ConfigKey.HTTP_LISTEN, "--http", "127.0.0.1:0")
            .load();
    try (var first = LayercacheServer.start(config)) {
      assertThat(first.grpcAddress().port()).isPositive();

      var second = serve("--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0");

      assertThat(second.exitCode()).isEqualTo(1);
      assertThat(second.err()).contains("data").contains("in use");
    }
  }

  @Test
  void aDataDirectoryOfANewerVersionIsRefused() throws IOException {
    var data = Files.createDirectories(directory.resolve("data"));
    Files.writeString(data.resolve("VERSION"), "layercache 999\n");

    var result = serve("--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0");

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("version 999").contains("newer");
  }

  @Test
  void anUnknownKeyIsNamed() throws IOException {
    var file = Files.writeString(directory.resolve("c.yaml"), "grcp: {listen: 'h:1'}");

    var result = serve("--config", file.toString());

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("unknown key 'grcp.listen'").contains("grpc.listen");
  }

  @Test
  void aMalformedAddressIsWrongUsage() {
    var result = serve("--grpc", "8980");

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("'8980' is not an address");
  }

  @Test
  void anUnknownOptionIsWrongUsage() {
    assertThat(serve("--frobnicate").exitCode()).isEqualTo(2);
  }
}
