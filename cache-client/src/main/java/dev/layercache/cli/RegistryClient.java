package dev.layercache.cli;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Programs that speak the OCI distribution API, and what each must be told about a registry. */
enum RegistryClient {
  DOCKER {
    @Override
    List<Step> steps(String http) {
      return List.of(
          file(
              "Merge into",
              "/etc/docker/daemon.json",
              """
              {
                "insecure-registries": ["%1$s"],
                "registry-mirrors": ["http://%1$s"]
              }
              """,
              http),
          run("Tell the daemon", "systemctl reload docker\n", http),
          run(
              "Push and pull; images of Docker Hub are asked from the mirror first",
              """
              docker tag app:v1 %1$s/app:v1
              docker push %1$s/app:v1
              docker pull %1$s/app:v1
              """,
              http));
    }
  },

  CONTAINERD {
    @Override
    List<Step> steps(String http) {
      return List.of(
          file(
              "Write",
              "/etc/containerd/certs.d/%s/hosts.toml".formatted(http),
              """
              server = "http://%1$s"

              [host."http://%1$s"]
                capabilities = ["pull", "resolve", "push"]
              """,
              http),
          file(
              "To be asked first for images of Docker Hub, write",
              "/etc/containerd/certs.d/docker.io/hosts.toml",
              """
              server = "https://registry-1.docker.io"

              [host."http://%1$s"]
                capabilities = ["pull", "resolve"]
              """,
              http),
          file(
              "For Kubernetes, merge into (containerd 2; in 1.x the plugin is \"io.containerd.grpc.v1.cri\")",
              "/etc/containerd/config.toml",
              """
              [plugins."io.containerd.cri.v1.images".registry]
                config_path = "/etc/containerd/certs.d"
              """,
              http),
          run(
              "Pull and push",
              """
              ctr images pull --hosts-dir /etc/containerd/certs.d %1$s/app:v1
              ctr images push --hosts-dir /etc/containerd/certs.d %1$s/app:v1
              """,
              http));
    }
  },

  PODMAN {
    @Override
    List<Step> steps(String http) {
      return List.of(
          file(
              "For podman, buildah and skopeo write",
              "/etc/containers/registries.conf.d/layercache.conf",
              """
              [[registry]]
              location = "%1$s"
              insecure = true

              [[registry]]
              prefix = "docker.io"
              location = "docker.io"

              [[registry.mirror]]
              location = "%1$s"
              insecure = true
              """,
              http),
          run(
              "Push and pull; images of Docker Hub are asked from the mirror first",
              """
              podman push app:v1 %1$s/app:v1
              podman pull %1$s/app:v1
              skopeo copy oci:build/image docker://%1$s/app:v1
              """,
              http));
    }
  },

  BUILDKIT {
    @Override
    List<Step> steps(String http) {
      return List.of(
          file(
              "Merge into",
              "/etc/buildkit/buildkitd.toml",
              """
              [registry."%1$s"]
                http = true

              [registry."docker.io"]
                mirrors = ["%1$s"]
              """,
              http),
          run(
              "With docker, make a builder that uses it (before Buildx 0.12 the option is --config)",
              """
              docker buildx create --use --driver docker-container --driver-opt network=host \\
                --buildkitd-config /etc/buildkit/buildkitd.toml
              """,
              http),
          run(
              "Build with a shared cache",
              """
              docker buildx build . --push --tag %1$s/app:v1 \\
                --cache-to type=registry,ref=%1$s/app:buildcache,mode=max \\
                --cache-from type=registry,ref=%1$s/app:buildcache
              """,
              http),
          run(
              "Or with buildctl",
              """
              buildctl build --frontend dockerfile.v0 --local context=. --local dockerfile=. \\
                --output type=image,name=%1$s/app:v1,push=true \\
                --export-cache type=registry,ref=%1$s/app:buildcache,mode=max \\
                --import-cache type=registry,ref=%1$s/app:buildcache
              """,
              http));
    }
  };

  /**
   * One thing to do.
   *
   * @param what in words
   * @param file to write {@code content} to; empty when {@code content} is commands to run
   */
  record Step(String what, Optional<String> file, String content) {}

  /**
   * Reads a name as it stands on the command line.
   *
   * @throws IllegalArgumentException if it is none; the message lists them
   */
  static RegistryClient parse(String name) {
    for (RegistryClient client : values()) {
      if (client.toString().equals(name)) {
        return client;
      }
    }
    throw new IllegalArgumentException(
        "client: '%s' (expected: docker, containerd, podman or buildkit)".formatted(name));
  }

  /** What to do so that this client uses the registry at {@code http}, {@code HOST:PORT}. */
  abstract List<Step> steps(String http);

  private static Step file(String what, String file, String template, String http) {
    return new Step(what, Optional.of(file), template.formatted(http));
  }

  private static Step run(String what, String template, String http) {
    return new Step(what, Optional.empty(), template.formatted(http));
  }

  /** As on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
