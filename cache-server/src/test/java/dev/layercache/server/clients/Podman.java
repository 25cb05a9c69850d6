package dev.layercache.server.clients;

import java.io.IOException;
import java.nio.file.Path;

/** podman with a store of the test's own. */
final class Podman {
  private Podman() {}

  /**
   * @param directory takes what it stores
   * @param registriesConf what it knows of registries
   */
  static Program at(Path directory, String registriesConf) throws IOException {
    return Program.requireAsRoot("podman")
        .with("--root", directory.resolve("root").toString())
        .with("--runroot", directory.resolve("run").toString())
        .with("--storage-driver", "vfs", "--runtime", "crun")
        .with("--cgroup-manager", "cgroupfs", "--events-backend", "none")
        .withEnvironment("CONTAINERS_REGISTRIES_CONF", registriesConf);
  }
}
