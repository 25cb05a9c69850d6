package dev.layercache.server.agent;

import dev.layercache.client.LayercacheException;
import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.server.fill.OriginStream;
import dev.layercache.server.mirror.OriginDeniedException;
import dev.layercache.server.mirror.OriginRepository;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** A repository of the parent, of which the one of the same name here is a copy. Thread-safe. */
final class ParentRepository implements OriginRepository {
  private final Parent parent;
  private final ParentBlobs blobs;
  private final String repository;
  private final Duration tagTimeToLive;

  ParentRepository(Parent parent, ParentBlobs blobs, String repository, Duration tagTimeToLive) {
    this.parent = parent;
    this.blobs = blobs;
    this.repository = repository;
    this.tagTimeToLive = tagTimeToLive;
  }

  @Override
  public String name() {
    return blobs.name() + "/" + repository;
  }

  @Override
  public String group() {
    return blobs.group();
  }

  @Override
  public Optional<OriginStream> open(Digest digest, long offset) throws IOException {
    return blobs.open(digest, offset);
  }

  @Override
  public OptionalLong size(Digest digest) throws IOException {
    return blobs.size(digest);
  }

  @Override
  public Optional<Digest> head(String tag) throws IOException {
    var reference = new ImageReference(repository, Optional.of(tag), Optional.empty());
    return find(client -> client.resolve(reference).manifest().digest());
  }

  @Override
  public Optional<OriginManifest> manifest(String reference) throws IOException {
    boolean digest = reference.indexOf(':') >= 0;
    var named =
        new ImageReference(
            repository,
            digest ? Optional.empty() : Optional.of(reference),
            digest ? Optional.of(Digest.parse(reference)) : Optional.empty());
    return find(client -> client.manifest(named))
        .map(
            found ->
                new OriginManifest(
                    found.descriptor().mediaType(), found.descriptor().digest(), found.bytes()));
  }

  private <T> Optional<T> find(Parent.Question<T> question) throws IOException {
    try {
      return parent.find(question);
    } catch (LayercacheException e) {
      if (e.kind() == LayercacheException.Kind.DENIED) {
        throw new OriginDeniedException(String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  @Override
  public Duration tagTimeToLive() {
    return tagTimeToLive;
  }

  @Override
  public boolean isAvailable() {
    return parent.isThere();
  }
}
