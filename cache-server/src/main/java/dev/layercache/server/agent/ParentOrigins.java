package dev.layercache.server.agent;

import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.server.mirror.OriginRepository;
import dev.layercache.server.mirror.Origins;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** On an agent every repository is a copy of the parent's. Thread-safe. */
final class ParentOrigins implements Origins {
  private final Parent parent;
  private final ParentBlobs blobs;
  private final PushThrough pushes;
  private final Duration tagTimeToLive;

  ParentOrigins(Parent parent, ParentBlobs blobs, PushThrough pushes, Duration tagTimeToLive) {
    this.parent = parent;
    this.blobs = blobs;
    this.pushes = pushes;
    this.tagTimeToLive = tagTimeToLive;
  }

  @Override
  public Optional<OriginRepository> of(String repository) {
    return Optional.of(new ParentRepository(parent, blobs, repository, tagTimeToLive));
  }

  /** The parent's name for it: {@code HOST/NAME} for a repository of a registry it mirrors. */
  @Override
  public Optional<String> locate(Asked asked) {
    String located =
        asked.registry().map(host -> prefixed(host, asked.name())).orElse(asked.name());
    return ImageReference.isRepository(located) ? Optional.of(located) : Optional.empty();
  }

  /** A port cannot stand in a repository's name. */
  private static String prefixed(String host, String name) {
    String prefix = host.toLowerCase(Locale.ROOT).replace(":", "__") + "/";
    return name.startsWith(prefix) ? name : prefix + name;
  }

  @Override
  public void push(
      String repository, Digest digest, List<String> tags, byte[] manifest, String mediaType)
      throws IOException {
    pushes.manifest(repository, digest, tags, manifest, mediaType);
  }
}
