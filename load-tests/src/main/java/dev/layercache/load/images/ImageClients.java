package dev.layercache.load.images;

import java.io.IOException;
import java.nio.file.Path;

/** The clients that are known, by name. */
public enum ImageClients {
  SKOPEO("skopeo"),
  DOCKER("dockerd"),
  CONTAINERD("containerd");

  private final String program;

  ImageClients(String program) {
    this.program = program;
  }

  public String program() {
    return program;
  }

  public boolean isInstalled() {
    return Tool.isInstalled(program);
  }

  /**
   * Starts it with an empty store.
   *
   * @param directory exists and is empty; the client's, which deletes it
   * @param scratch exists; for files that are in the way
   */
  public ImageClient start(Path directory, Path scratch) throws IOException, InterruptedException {
    return switch (this) {
      case SKOPEO -> new Skopeo(directory);
      case DOCKER -> Docker.start(directory, scratch);
      case CONTAINERD -> Containerd.start(directory, scratch);
    };
  }
}
