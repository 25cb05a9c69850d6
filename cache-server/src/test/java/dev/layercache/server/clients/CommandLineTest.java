package dev.layercache.server.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.layercache.cli.Main;
import dev.layercache.server.app.LayercacheServer;
import dev.layercache.server.config.ConfigException;
import dev.layercache.server.config.ConfigKey;
import dev.layercache.server.config.ConfigLoader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code layercache push} and {@code pull}, with images from and for other tools. */
@Tag("clients")
class CommandLineTest {
  @TempDir Path directory;
  private Program skopeo;
  private LayercacheServer server;
  private BuildContext context;
  private ImageLayout layout;
  private ImageLayout.Layer base;

  @BeforeEach
  void start() throws IOException, ConfigException {
    skopeo = Program.require("skopeo").with("--insecure-policy");
    server =
        LayercacheServer.start(
            new ConfigLoader()
                .flag(ConfigKey.DATA, "--data", directory.resolve("data").toString())
                .flag(ConfigKey.GRPC_LISTEN, "--grpc", "127.0.0.1:0")
                .flag(ConfigKey.HTTP_LISTEN, "--http", "127.0.0.1:0")
                .load());
    context = BuildContext.create(directory.resolve("context"));
    layout = new ImageLayout(directory.resolve("layout"));
    base = layout.packed(context.base());
    tag("v1");
  }

  @AfterEach
  void stop() throws IOException {
    if (server != null) {
      server.close();
    }
    Program.remove(directory);
  }

  private void tag(String tag) throws IOException {
    layout.tag(tag, layout.image("amd64", base, layout.layer(context.app())));
  }

  /** What a command reports. */
  private JsonNode layercache(String... arguments) throws IOException {
    var out = new StringWriter();
    var err = new StringWriter();
    String[] all =
        Stream.concat(
                Stream.of(arguments),
                Stream.of("--server", server.grpcAddress().toString(), "--json"))
            .toArray(String[]::new);
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), all);
    assertThat(code).as(err.toString()).isZero();
    return new ObjectMapper().readTree(out.toString());
  }

  private String docker(String name) {
    return "docker://%s/%s".formatted(server.httpAddress(), name);
  }

  /** The image as skopeo writes it. */
  private String skopeosLayout(String tag) throws IOException {
    String made = "oci:%s:%s".formatted(directory.resolve("skopeo"), tag);
    skopeo.run("copy", "oci:%s:%s".formatted(layout.directory(), tag), made);
    return made;
  }

  @Test
  void anImageOfSkopeosComesBackByteForByteAndIsWhatOtherToolsAccept() throws IOException {
    String made = skopeosLayout("v1");
    var pushed = layercache("push", made, "team/app:v1");
    assertThat(pushed.path("layersTransferred").asInt()).isEqualTo(2);
    Path copy = directory.resolve("copy");
    layercache("pull", "team/app:v1", "oci:" + copy + ":v1");

    assertThat(ImageLayout.blobs(copy)).isEqualTo(ImageLayout.blobs(directory.resolve("skopeo")));
    assertThat(skopeo.run("inspect", "--raw", "oci:" + copy + ":v1"))
        .isEqualTo(skopeo.run("inspect", "--raw", made));
    skopeo.run("inspect", "oci:" + copy + ":v1");
    Path bundle = directory.resolve("bundle");
    Program.requireAsRoot("umoci").run("unpack", "--image", copy + ":v1", bundle.toString());
    assertThat(BuildContext.run(bundle.resolve("rootfs"))).contains(BuildContext.GREETING);
  }

  @Test
  void anUpdateMovesOnlyTheChangedLayer() throws IOException {
    layercache("push", skopeosLayout("v1"), "team/app:v1");
    context.changeApp("two");
    tag("v2");
    var pushed = layercache("push", skopeosLayout("v2"), "team/app:v2");
    assertThat(pushed.path("layersTransferred").asInt()).isEqualTo(1);
    assertThat(pushed.path("bytesTransferred").asLong()).isLessThan(base.size() / 10);
  }

  @Test
  void whatCameThroughOneDoorIsThereForTheOther() throws IOException {
    String made = skopeosLayout("v1");
    layercache("push", made, "team/app:v1");
    long before = layercache("stats").path("bytesReceived").asLong();
    skopeo.run("copy", "--dest-tls-verify=false", made, docker("other/app:v1"));
    long manifest = skopeo.run("inspect", "--raw", made).length();
    assertThat(layercache("stats").path("bytesReceived").asLong() - before)
        .isLessThanOrEqualTo(manifest);

    Path copy = directory.resolve("copy");
    layercache("pull", "other/app:v1", "oci:" + copy + ":v1");
    assertThat(ImageLayout.blobs(copy)).isEqualTo(ImageLayout.blobs(directory.resolve("skopeo")));
    skopeo.run("inspect", "--tls-verify=false", docker("team/app:v1"));
  }

  @Test
  void dockersArchiveIsPushedAndPulled() throws IOException {
    Path saved = directory.resolve("saved.tar");
    skopeo.run(
        "copy",
        "oci:%s:v1".formatted(layout.directory()),
        "docker-archive:" + saved + ":team/app:v1");
    layercache("push", "docker-archive:" + saved, "team/app:v1");
    Path pulled = directory.resolve("pulled.tar");
    layercache("pull", "team/app:v1", "docker-archive:" + pulled);
    Path unpacked = Files.createDirectories(directory.resolve("unpacked"));
    skopeo.run("copy", "docker-archive:" + pulled, "oci:" + unpacked + ":v1");
    Path bundle = directory.resolve("bundle");
    Program.requireAsRoot("umoci").run("unpack", "--image", unpacked + ":v1", bundle.toString());
    assertThat(BuildContext.run(bundle.resolve("rootfs"))).contains(BuildContext.GREETING);
  }
}
