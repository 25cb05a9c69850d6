package dev.layercache.server.demo;

import dev.layercache.cli.Sizes;
import dev.layercache.client.ClientOptions;
import dev.layercache.client.LayercacheClient;
import dev.layercache.client.PullOptions;
import dev.layercache.client.TransferListener;
import dev.layercache.client.image.OciLayout;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.ImageReference;
import dev.layercache.server.app.LayercacheServer;
import dev.layercache.server.config.HostPort;
import dev.layercache.server.config.ServerConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Two agents and a server: A builds an image and pushes it, B pulls it, A changes the application,
 * and both do it again. One use, one thread; an interrupt ends it soon.
 */
final class Demo {
  private static final HostPort ANY_PORT = new HostPort("127.0.0.1", 0);

  private final Path directory;
  private final PrintWriter story;
  private final long baseBytes;
  private final long applicationBytes;
  private final List<DemoStep> steps = new ArrayList<>();

  /**
   * @param directory for everything; the caller deletes it
   * @param story is told what happens, a line at a time
   * @param baseBytes most bytes of the base layer's files
   * @param applicationBytes most bytes of the application layer's files
   */
  Demo(Path directory, PrintWriter story, long baseBytes, long applicationBytes) {
    this.directory = directory;
    this.story = story;
    this.baseBytes = baseBytes;
    this.applicationBytes = applicationBytes;
  }

  /** Runs it all. */
  List<DemoStep> run() throws IOException {
    Descriptor base = build();
    try (var server = LayercacheServer.start(config())) {
      var options = ClientOptions.server(server.grpcAddress().toString());
      tell(
          "A server listens on %s. Agents A and B know nothing but its address.",
          options.address());
      try (var agentA = LayercacheClient.connect(options);
          var agentB = LayercacheClient.connect(options)) {
        push(agentA, "v1", "agent A pushes app:v1");
        pull(agentB, "v1", "agent B pulls app:v1");
        buildAgain(base);
        push(agentA, "v2", "agent A pushes app:v2");
        pull(agentB, "v2", "agent B pulls app:v2");
        pull(agentB, "v2", "agent B pulls app:v2 once more");
      }
    }
    verify();
    return List.copyOf(steps);
  }

  private Descriptor build() throws IOException {
    Map<String, Path> jdk = DemoFiles.ofJdk(baseBytes);
    Path scratch = Files.createDirectory(directory.resolve("scratch"));
    try (var layout = OciLayout.destination(layoutA(), Optional.empty())) {
      var image = new DemoImage(layout, scratch);
      Descriptor base = image.layer(jdk, "base");
      Descriptor application = image.layer(DemoFiles.ofProgram(applicationBytes), "version 1");
      image.finish(List.of(base, application), "v1");
      tell(
          "Agent A builds app:v1: a base layer of this JDK (%s), a layer of this program (%s).",
          Sizes.bytes(base.size()), Sizes.bytes(application.size()));
      return base;
    }
  }

  private void buildAgain(Descriptor base) throws IOException {
    try (var layout = OciLayout.destination(layoutA(), Optional.empty())) {
      var image = new DemoImage(layout, directory.resolve("scratch"));
      Descriptor application = image.layer(DemoFiles.ofProgram(applicationBytes), "version 2");
      image.finish(List.of(base, application), "v2");
      tell("Agent A changes a file of the application and builds app:v2. The base is the same.");
    }
  }

  private void push(LayercacheClient agent, String tag, String what) throws IOException {
    try (var source = OciLayout.source(layoutA(), Optional.of(tag))) {
      steps.add(new DemoStep(what, agent.pushImage(source, image(tag), TransferListener.NONE)));
    }
    tell("%s", what);
  }

  private void pull(LayercacheClient agent, String tag, String what) throws IOException {
    try (var copy = OciLayout.destination(layoutB(), Optional.empty())) {
      steps.add(
          new DemoStep(
              what, agent.pullImage(image(tag), copy, PullOptions.ALL, TransferListener.NONE)));
    }
    tell("%s", what);
  }

  /** Every blob of both images; {@code index.json} need not be written alike. */
  private void verify() throws IOException {
    var difference = Tree.firstDifference(layoutA().resolve("blobs"), layoutB().resolve("blobs"));
    if (difference.isPresent()) {
      throw new IOException("agent B's copy differs from agent A's: " + difference.get());
    }
  }

  private ServerConfig config() {
    var defaults = ServerConfig.DEFAULTS;
    return new ServerConfig(
        directory.resolve("server"),
        new ServerConfig.Grpc(ANY_PORT),
        ServerConfig.DEFAULTS.http().withListen(ANY_PORT),
        defaults.storage(),
        defaults.limits());
  }

  private Path layoutA() {
    return directory.resolve("agent-a");
  }

  private Path layoutB() {
    return directory.resolve("agent-b");
  }

  private static ImageReference image(String tag) {
    return ImageReference.parse("app:" + tag);
  }

  private void tell(String format, Object... values) {
    story.println(format.formatted(values));
    story.flush();
  }
}
