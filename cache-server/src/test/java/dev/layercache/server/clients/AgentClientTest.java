package dev.layercache.server.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.server.agent.AgentOptions;
import dev.layercache.server.app.LayercacheServer;
import dev.layercache.server.config.ConfigKey;
import dev.layercache.server.config.ConfigLoader;
import dev.layercache.server.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** skopeo against an agent, which hands its pushes to the parent and fills its pulls from it. */
@Tag("clients")
class AgentClientTest {
  @TempDir Path directory;

  @Test
  void whatIsPushedToOneAgentIsPulledFromAnotherByteForByte() throws Exception {
    var skopeo = Program.require("skopeo");
    var context = BuildContext.create(directory.resolve("context"));
    var layout = new ImageLayout(directory.resolve("layout"));
    layout.tag(
        "v1", layout.image("amd64", layout.packed(context.base()), layout.layer(context.app())));
    try (var parent = LayercacheServer.start(config("parent"));
        var here = agent("here", parent);
        var there = agent("there", parent)) {
      copy(skopeo, "oci:%s:v1".formatted(layout.directory()), docker(here));
      assertThat(pull(skopeo, parent, "from-parent"))
          .isEqualTo(ImageLayout.blobs(layout.directory()));
      assertThat(pull(skopeo, there, "from-agent"))
          .isEqualTo(ImageLayout.blobs(layout.directory()));
      assertThat(pull(skopeo, there, "again")).isEqualTo(ImageLayout.blobs(layout.directory()));
    }
  }

  private Object pull(Program skopeo, LayercacheServer from, String into) throws IOException {
    Path pulled = directory.resolve(into);
    copy(skopeo, docker(from), "oci:%s:v1".formatted(pulled));
    return ImageLayout.blobs(pulled);
  }

  private static void copy(Program skopeo, String from, String to) throws IOException {
    skopeo.run("copy", "--src-tls-verify=false", "--dest-tls-verify=false", from, to);
  }

  private static String docker(LayercacheServer server) {
    return "docker://%s/team/app:v1".formatted(server.httpAddress());
  }

  private LayercacheServer agent(String name, LayercacheServer parent) throws Exception {
    var options = new AgentOptions(parent.grpcAddress().toString(), Duration.ofSeconds(10));
    return LayercacheServer.startAgent(config(name), options);
  }

  private ServerConfig config(String name) throws Exception {
    return new ConfigLoader()
        .flag(ConfigKey.DATA, "--data", directory.resolve(name).toString())
        .flag(ConfigKey.GRPC_LISTEN, "--grpc", "127.0.0.1:0")
        .flag(ConfigKey.HTTP_LISTEN, "--http", "127.0.0.1:0")
        .load();
  }
}
