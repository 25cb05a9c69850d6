package dev.layercache.load.suite;

import dev.layercache.load.images.ImageClients;
import java.util.List;

/** All suites, in the order in which they run. */
public final class Suites {
  private Suites() {}

  public static List<Suite> all() {
    return List.of(
        new PushSuite(),
        new PullSuite(),
        new ColdPullSuite(),
        new SizesSuite(),
        new GrpcSuite(),
        new SmallSuite(),
        new ReapiSuite(),
        new MemorySuite(),
        new SlowClientsSuite(),
        new RestartSuite(),
        new ScaleSuite(),
        new ResponsivenessSuite(),
        new RetentionSuite(),
        new FleetSuite(),
        new MirrorSuite(),
        new ImagesSuite(ImageClients.SKOPEO),
        new ImagesSuite(ImageClients.DOCKER),
        new ImagesSuite(ImageClients.CONTAINERD),
        new SoakSuite());
  }

  /**
   * The suite of this name, or those whose names begin with it and a slash: {@code blobs} means
   * {@code blobs/push}, {@code blobs/pull} and so on.
   */
  public static List<Suite> named(String name) {
    return all().stream()
        .filter(suite -> suite.name().equals(name) || suite.name().startsWith(name + "/"))
        .toList();
  }
}
