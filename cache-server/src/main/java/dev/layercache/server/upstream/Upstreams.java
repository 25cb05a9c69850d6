package dev.layercache.server.upstream;

import dev.layercache.oci.ImageReference;
import dev.layercache.server.config.UpstreamConfig;
import dev.layercache.server.mirror.OriginRepository;
import dev.layercache.server.mirror.Origins;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The registries that a server mirrors. Repository {@code NAME} of registry {@code HOST} is {@code
 * HOST/NAME} here. Thread-safe.
 */
public final class Upstreams implements Origins, AutoCloseable {
  private final List<Upstream> upstreams = new ArrayList<>();

  private Upstreams() {}

  /**
   * Makes clients for registries; asks none of them yet.
   *
   * @return to be closed by the caller
   * @throws IOException if a CA file cannot be used
   * @throws IllegalArgumentException if a host or URL is malformed, or a host is named twice
   */
  public static Upstreams of(List<UpstreamConfig> configs, Clock clock) throws IOException {
    var all = new Upstreams();
    try {
      for (var config : configs) {
        all.add(new Upstream(config, clock));
      }
    } catch (IOException | RuntimeException e) {
      all.close();
      throw e;
    }
    return all;
  }

  private void add(Upstream upstream) {
    upstreams.add(upstream);
    if (byPrefix(upstream.host().prefix()).filter(first -> first != upstream).isPresent()) {
      throw new IllegalArgumentException(
          "upstream %s is named twice".formatted(upstream.host().name()));
    }
  }

  @Override
  public Optional<OriginRepository> of(String repository) {
    int slash = repository.indexOf('/');
    if (slash < 0 || upstreams.isEmpty()) {
      return Optional.empty();
    }
    return byPrefix(repository.substring(0, slash))
        .map(
            upstream ->
                new UpstreamRepository(upstream, upstream.host().remote(repository).orElseThrow()));
  }

  /**
   * The repository that a client means: by the registry that it believes to talk to, else by the
   * name's first component, else, where nothing of that name is stored, Docker Hub's.
   */
  @Override
  public Optional<String> locate(Asked asked) throws IOException {
    if (upstreams.isEmpty()) {
      return Optional.of(asked.name());
    }
    if (asked.registry().isPresent()) {
      String registry = asked.registry().get().toLowerCase(Locale.ROOT);
      return byName(registry).map(upstream -> local(upstream, asked.name()));
    }
    int slash = asked.name().indexOf('/');
    var prefixed =
        slash < 0 ? Optional.<Upstream>empty() : byPrefix(asked.name().substring(0, slash));
    if (prefixed.isPresent()) {
      return Optional.of(local(prefixed.get(), asked.name().substring(slash + 1)));
    }
    return Optional.of(byDefault(asked).orElse(asked.name()));
  }

  /**
   * What docker means, which says neither registry nor prefix. A push looks for blobs in its new
   * repository too, so blobs are Docker Hub's only where a manifest of theirs came from there.
   */
  private Optional<String> byDefault(Asked asked) throws IOException {
    var hub = byName(UpstreamConfig.DOCKER_HUB);
    if (hub.isEmpty() || asked.purpose() == Purpose.OTHER || asked.stored().test(asked.name())) {
      return Optional.empty();
    }
    String mirrored = local(hub.get(), asked.name());
    boolean allowed = hub.get().host().remote(mirrored).filter(hub.get()::allows).isPresent();
    return allowed && (asked.purpose() == Purpose.MANIFEST || asked.stored().test(mirrored))
        ? Optional.of(mirrored)
        : Optional.empty();
  }

  /** What was asked of each, and how it is, in the order of the configuration. */
  public List<UpstreamStatistics> statistics() {
    return upstreams.stream().map(Upstream::statistics).toList();
  }

  private static String local(Upstream upstream, String name) {
    String prefix = upstream.host().prefix() + '/';
    String bare = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    String local = upstream.host().local(bare);
    ImageReference.requireRepository(local);
    return local;
  }

  private Optional<Upstream> byPrefix(String prefix) {
    return upstreams.stream().filter(u -> u.host().prefix().equals(prefix)).findFirst();
  }

  private Optional<Upstream> byName(String name) {
    return upstreams.stream().filter(u -> u.host().name().equals(name)).findFirst();
  }

  @Override
  public void close() {
    upstreams.forEach(Upstream::close);
  }
}
