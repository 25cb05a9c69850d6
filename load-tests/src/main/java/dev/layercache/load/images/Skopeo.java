package dev.layercache.load.images;

import dev.layercache.load.server.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** skopeo, which copies from and to image layouts and keeps nothing else. */
final class Skopeo implements ImageClient {
  private final Tool skopeo;
  private final Path store;

  Skopeo(Path scratch) {
    this.skopeo = new Tool(scratch, List.of("skopeo", "--insecure-policy", "copy", "--quiet"));
    this.store = scratch.resolve("store");
  }

  @Override
  public String name() {
    return "skopeo";
  }

  /** Pushes come straight from the image's layout. */
  @Override
  public void build(SampleImage image, String registry) {}

  @Override
  public void push(SampleImage image, String registry) throws IOException, InterruptedException {
    skopeo.run(
        "--dest-tls-verify=false",
        "oci:%s:%s".formatted(image.layout(), image.tag()),
        "docker://" + image.in(registry));
  }

  @Override
  public void pull(SampleImage image, String registry) throws IOException, InterruptedException {
    skopeo.run(
        "--src-tls-verify=false",
        "docker://" + image.in(registry),
        "oci:%s:%s".formatted(store, image.tag()));
  }

  @Override
  public void forget() {
    if (Files.exists(store)) {
      ChildProcess.delete(store);
    }
  }

  @Override
  public void close() {
    forget();
  }
}
