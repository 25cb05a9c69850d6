package dev.layercache.server.mirror;

import dev.layercache.oci.Digest;
import dev.layercache.oci.InvalidManifestException;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobSource;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.fill.Fills;
import dev.layercache.server.image.Images;
import dev.layercache.server.image.ManifestContent;
import dev.layercache.server.image.StoredManifest;
import dev.layercache.server.metadata.MetadataStore;
import dev.layercache.server.mirror.Found.Stale;
import dev.layercache.server.mirror.OriginRepository.OriginManifest;
import dev.layercache.server.mirror.Origins.Asked;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Content of all repositories, with that of copies brought from their origins as it is asked for.
 * Manifests are fetched and revalidated here, blobs are filled by {@link Fills}. A digest names its
 * content for ever and is never asked about again; a tag is, once its time to live is over. While
 * the origin is away a tag keeps what it pointed to.
 *
 * <p>Thread-safe; blocks on disk and network. Everybody who asks for the same at the same time
 * waits for one request.
 */
public final class Mirror implements Content {
  private static final Logger LOG = LoggerFactory.getLogger(Mirror.class);

  private final Images images;
  private final Origins origins;
  private final Fills fills;
  private final TagChecks checks;
  private final Clock clock;
  private final SingleFlight<String, Optional<Stale>> flights = new SingleFlight<>();
  private final Content stored;

  /**
   * @param blobs are what is stored
   * @param images knows the same copies as {@code origins}
   * @param fills brings blobs to where {@code blobs} finds them
   * @param metadata remembers when tags were compared
   * @param clock says when that was
   */
  public Mirror(
      BlobSource blobs,
      Images images,
      Origins origins,
      Fills fills,
      MetadataStore metadata,
      Clock clock) {
    this.stored = new StoredContent(blobs, images);
    this.images = images;
    this.origins = origins;
    this.fills = fills;
    this.checks = new TagChecks(metadata);
    this.clock = clock;
  }

  @Override
  public Optional<String> locate(Asked asked) throws IOException {
    return origins.locate(asked);
  }

  @Override
  public Optional<Found<ManifestContent>> get(String repository, String reference)
      throws IOException {
    return find(repository, reference, () -> images.get(repository, reference));
  }

  @Override
  public Optional<Found<StoredManifest>> resolve(String repository, String reference)
      throws IOException {
    return find(repository, reference, () -> images.resolve(repository, reference));
  }

  @Override
  public Optional<BlobInfo> stat(String repository, Digest blob) throws IOException {
    var origin = origins.of(repository);
    return origin.isEmpty() ? stored.stat(repository, blob) : fills.stat(blob, origin.get());
  }

  @Override
  public Optional<BlobReader> open(String repository, Digest blob, ByteRange range)
      throws IOException {
    var origin = origins.of(repository);
    return origin.isEmpty()
        ? stored.open(repository, blob, range)
        : fills.open(blob, range, origin.get());
  }

  private interface LookUp<T> {
    Optional<T> run() throws IOException;
  }

  private <T> Optional<Found<T>> find(String repository, String reference, LookUp<T> local)
      throws IOException {
    var origin = origins.of(repository);
    boolean tag = reference.indexOf(':') < 0;
    if (origin.isEmpty() || !tag || isFresh(repository, reference, origin.get())) {
      var found = local.run();
      if (found.isPresent() || origin.isEmpty()) {
        return found.map(Found::fresh);
      }
    }
    String key = repository + (tag ? ':' : '@') + reference;
    var stale = flights.run(key, () -> bring(repository, reference, tag, origin.get()));
    return local.run().map(value -> new Found<>(value, stale));
  }

  private boolean isFresh(String repository, String tag, OriginRepository origin)
      throws IOException {
    var checked = checks.last(repository, tag);
    return checked.isPresent()
        && clock.instant().isBefore(checked.get().plus(origin.tagTimeToLive()));
  }

  /** Makes what is stored right; says how old it is where that could not be done. */
  private Optional<Stale> bring(
      String repository, String reference, boolean tag, OriginRepository origin)
      throws IOException {
    if (!tag) {
      store(repository, List.of(), origin.manifest(reference));
      return Optional.empty();
    }
    var known = images.resolve(repository, reference);
    if (known.isEmpty()) {
      fetch(repository, reference, reference, origin);
      return Optional.empty();
    }
    try {
      revalidate(repository, reference, known.get().descriptor().digest(), origin);
      return Optional.empty();
    } catch (UnavailableException | OriginDeniedException e) {
      var age = age(repository, reference);
      LOG.warn(
          "{}:{} is served as it was {} s ago: {}",
          repository,
          reference,
          age.toSeconds(),
          e.getMessage());
      return Optional.of(new Stale(age, String.valueOf(e.getMessage())));
    }
  }

  private void revalidate(String repository, String tag, Digest known, OriginRepository origin)
      throws IOException {
    var now = origin.head(tag);
    if (now.isEmpty()) {
      forget(repository, tag);
    } else if (now.get().equals(known)) {
      checks.checked(repository, tag, clock.instant());
    } else {
      fetch(repository, tag, now.get().toString(), origin);
    }
  }

  private void fetch(String repository, String tag, String reference, OriginRepository origin)
      throws IOException {
    var manifest = origin.manifest(reference);
    if (manifest.isEmpty()) {
      forget(repository, tag);
      return;
    }
    store(repository, List.of(tag), manifest);
    checks.checked(repository, tag, clock.instant());
  }

  private void store(String repository, List<String> tags, Optional<OriginManifest> manifest)
      throws IOException {
    if (manifest.isEmpty()) {
      return;
    }
    var given = manifest.get();
    try {
      images.putCopy(repository, given.digest(), tags, given.bytes(), given.mediaType());
    } catch (InvalidManifestException e) {
      throw new UnavailableException(
          "%s@%s is not a manifest that can be mirrored: %s"
              .formatted(repository, given.digest(), e.getMessage()),
          e);
    }
  }

  /** The tag is gone at the origin, so it is gone here. What it pointed to stays, by its digest. */
  private void forget(String repository, String tag) throws IOException {
    images.deleteTag(repository, tag);
    checks.forget(repository, tag);
  }

  private Duration age(String repository, String tag) throws IOException {
    Instant now = clock.instant();
    return Duration.between(checks.last(repository, tag).orElse(now), now);
  }
}
