package dev.layercache.load.suite;

import java.util.List;
import java.util.Optional;

/** All suites, in the order in which they run. */
public final class Suites {
  private Suites() {}

  public static List<Suite> all() {
    return List.of(
        new BlobsSuite(),
        new GrpcSuite(),
        new SmallSuite(),
        new MemorySuite(),
        new RestartSuite(),
        new ResponsivenessSuite(),
        new FleetSuite());
  }

  /** The suite of this name. */
  public static Optional<Suite> named(String name) {
    return all().stream().filter(suite -> suite.name().equals(name)).findFirst();
  }
}
