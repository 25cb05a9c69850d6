package dev.layercache.server.image;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.InvalidManifestException;
import dev.layercache.oci.ManifestParser;
import dev.layercache.server.blob.BlobHolds;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.DigestMismatchException;
import dev.layercache.server.image.ImageWrites.ManifestPut;
import dev.layercache.server.metadata.MetadataStore;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * The images of all repositories: manifests and tags on top of blobs, one set for every door.
 *
 * <p><b>Visibility.</b> A manifest belongs to the repositories it was put into. A blob can be read
 * in every repository, unless it was deleted there. A manifest is served only while all that it
 * names can be; see {@link #get}.
 *
 * <p><b>Durability.</b> What a method acknowledges survives power loss, and every later call sees
 * it. Concurrent puts of one tag: the last one wins, and nobody sees a mixture.
 *
 * <p><b>Threads.</b> Thread-safe. Every method may block on disk.
 *
 * <p><b>Errors.</b> Repository names, tags and references that break the grammar (OCI
 * distribution-spec, "Pulling manifests") are {@link IllegalArgumentException}s; the message says
 * what was given and expected. What the stores throw passes through.
 */
public final class Images {
  /** Most items of a page; larger wishes are cut to it, those below 1 are taken as 1. */
  public static final int MAX_PAGE = Listings.MAX_PAGE;

  /** Most tags that one put moves. */
  public static final int MAX_TAGS_PER_PUT = 100;

  private final ImageTables tables;
  private final ManifestBlobs manifestBlobs;
  private final Deliverability deliverability;
  private final Listings listings;
  private final Inspector inspector;
  private final ImageGraph graph;
  private final ImageWrites writes;

  /** As the other constructor, without copies. */
  public Images(BlobStore blobs, MetadataStore metadata, Clock clock) {
    this(blobs, metadata, clock, CopiedRepositories.NONE);
  }

  /**
   * @param blobs holds the bytes; stays the caller's to close
   * @param metadata holds tags and links; stays the caller's to close
   * @param clock says when a tag moved
   * @param copies says which repositories are filled from elsewhere
   */
  public Images(BlobStore blobs, MetadataStore metadata, Clock clock, CopiedRepositories copies) {
    this(blobs, metadata, clock, copies, BlobHolds.NONE, ImmutableTags.NONE);
  }

  /**
   * As the other constructors, for stores that evict.
   *
   * @param holds keeps what a manifest names from being evicted until the manifest is stored
   * @param immutable which tags must stay where they are
   */
  public Images(
      BlobStore blobs,
      MetadataStore metadata,
      Clock clock,
      CopiedRepositories copies,
      BlobHolds holds,
      ImmutableTags immutable) {
    var locks = new RepositoryLocks();
    this.tables = new ImageTables(metadata);
    this.manifestBlobs = new ManifestBlobs(blobs);
    this.deliverability = new Deliverability(tables, blobs, copies);
    this.listings = new Listings(metadata);
    this.inspector = new Inspector(tables, manifestBlobs, metadata);
    this.graph = new ImageGraph(metadata, tables, locks);
    this.writes =
        new ImageWrites(
            blobs,
            metadata,
            clock,
            tables,
            manifestBlobs,
            deliverability,
            locks,
            copies,
            holds,
            immutable);
  }

  /**
   * Stores a manifest and moves tags to it, all or nothing. Everything that it names must be there:
   * blobs stored, and not deleted in the repository; the manifests of an index put into the
   * repository. Not the subject, and not layers that clients get elsewhere ({@link
   * Descriptor#isNonDistributable}).
   *
   * @param expectedDigest what the client says the digest is, which also chooses the algorithm;
   *     empty takes SHA-256
   * @param tags that move, at most {@link #MAX_TAGS_PER_PUT}; may be empty
   * @param manifest the exact bytes, at most {@link ManifestParser#MAX_BYTES}; not kept
   * @param mediaType as the client declared it, without parameters; empty takes the manifest's own
   * @throws InvalidManifestException if it is malformed, or names something by a wrong size
   * @throws DigestMismatchException if the bytes have another digest
   * @throws MissingBlobsException if something that it names is not there
   */
  public StoredManifest put(
      String repository,
      Optional<Digest> expectedDigest,
      List<String> tags,
      byte[] manifest,
      String mediaType)
      throws IOException {
    return put(repository, expectedDigest, tags, manifest, mediaType, PutCondition.NONE);
  }

  /**
   * As {@link #put}, if {@code condition} holds at that moment.
   *
   * @throws ConditionFailedException if it does not
   */
  public StoredManifest put(
      String repository,
      Optional<Digest> expectedDigest,
      List<String> tags,
      byte[] manifest,
      String mediaType,
      PutCondition condition)
      throws IOException {
    requireTags(repository, tags);
    return writes.put(
        new ManifestPut(repository, expectedDigest, tags, manifest, mediaType, condition, false));
  }

  /**
   * As {@link #put}, for doors whose blobs are pushed to no repository: blobs that were deleted in
   * this one and that the manifest names become readable in it again.
   */
  public StoredManifest putRestoring(
      String repository,
      Optional<Digest> expectedDigest,
      List<String> tags,
      byte[] manifest,
      String mediaType)
      throws IOException {
    requireTags(repository, tags);
    return writes.put(
        new ManifestPut(
            repository, expectedDigest, tags, manifest, mediaType, PutCondition.NONE, true));
  }

  /** Who names what, for those who decide what is kept. */
  public ImageGraph graph() {
    return graph;
  }

  /**
   * Stores a manifest of a repository that is a copy, and moves tags to it. What it names need not
   * be there yet: it is filled when it is asked for.
   *
   * @param digest of the bytes
   * @throws InvalidManifestException if it is malformed
   * @throws DigestMismatchException if the bytes have another digest
   */
  public StoredManifest putCopy(
      String repository, Digest digest, List<String> tags, byte[] bytes, String mediaType)
      throws IOException {
    requireTags(repository, tags);
    return writes.putCopy(repository, digest, tags, bytes, mediaType);
  }

  /**
   * A manifest with its bytes. Renews the life of all that it names.
   *
   * @param reference a tag, or a digest
   * @return empty when the repository has no such manifest, and when something that it names, at
   *     any depth, can no longer be delivered: an image is served whole or not at all. A manifest
   *     that was deleted by its digest does not count against the index that names it
   */
  public Optional<ManifestContent> get(String repository, String reference) throws IOException {
    var found = resolve(repository, reference);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    return manifestBlobs
        .read(found.get().descriptor().digest())
        .map(bytes -> new ManifestContent(found.get(), bytes));
  }

  /** What a tag points to, whether or not it can be served; does not renew anything. */
  public Optional<Digest> tagged(String repository, String tag) throws IOException {
    return digestOf(repository, tag);
  }

  /** As {@link #get}, without the bytes. */
  public Optional<StoredManifest> resolve(String repository, String reference) throws IOException {
    var digest = digestOf(repository, reference);
    if (digest.isEmpty()) {
      return Optional.empty();
    }
    var manifest = tables.manifest(repository, digest.get());
    if (manifest.isEmpty()
        || !deliverability.isDeliverable(repository, digest.get(), manifest.get())) {
      return Optional.empty();
    }
    return Optional.of(manifest.get().stored(digest.get()));
  }

  /**
   * What an image consists of, and which other images share its layers.
   *
   * @return empty where {@link #resolve} is
   */
  public Optional<Inspection> inspect(String repository, String reference) throws IOException {
    var found = resolve(repository, reference);
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(inspector.inspect(repository, found.get()));
  }

  /**
   * Tags of a repository in lexical order.
   *
   * @param last the page starts behind this tag, which need not exist; empty starts at the first
   * @param most how many at most, see {@link #MAX_PAGE}
   * @return empty when there is no such repository
   */
  public Optional<Page<Tag>> tags(String repository, String last, int most) throws IOException {
    requireRepository(repository);
    return tables.exists(repository)
        ? Optional.of(listings.tags(repository, last, most))
        : Optional.empty();
  }

  /** Whether a repository has a manifest. */
  public boolean exists(String repository) throws IOException {
    requireRepository(repository);
    return tables.exists(repository);
  }

  /** Repositories with a manifest that names a blob, the first few of them, each once. */
  public List<String> repositoriesNaming(Digest blob) throws IOException {
    return tables.repositoriesNaming(blob);
  }

  /** How many tags a repository has, counted up to {@link #MAX_PAGE}. */
  public int countTags(String repository) throws IOException {
    requireRepository(repository);
    return listings.countTags(repository);
  }

  /**
   * Repositories that have a manifest, in lexical order.
   *
   * @param last the page starts behind this name, which need not exist; empty starts at the first
   * @param most how many at most, see {@link #MAX_PAGE}
   */
  public Page<String> repositories(String last, int most) throws IOException {
    return listings.repositories(last, most);
  }

  /**
   * Manifests of a repository that have {@code subject} as their subject, in no particular but
   * stable order, with artifact type and annotations (OCI distribution-spec, "Listing Referrers").
   * The subject need not exist.
   *
   * @param artifactType lists only those of this type; a page may then be short, or empty, although
   *     more follow
   * @param last the page starts behind this digest; empty starts at the first
   * @param most how many at most, see {@link #MAX_PAGE}; large ones make a page shorter
   */
  public Page<Descriptor> referrers(
      String repository, Digest subject, Optional<String> artifactType, String last, int most)
      throws IOException {
    requireRepository(repository);
    var behind = last.isEmpty() ? Optional.<Digest>empty() : Optional.of(Digest.parse(last));
    return listings.referrers(repository, subject, artifactType, behind, most);
  }

  /**
   * Removes a tag. Its manifest stays.
   *
   * @return whether it was there
   */
  public boolean deleteTag(String repository, String tag) throws IOException {
    requireTags(repository, List.of(tag));
    return writes.deleteTag(repository, tag);
  }

  /**
   * Removes a manifest and its tags from a repository. What it names stays, and so do indexes that
   * name it.
   *
   * @return whether it was there
   */
  public boolean deleteManifest(String repository, Digest digest) throws IOException {
    requireRepository(repository);
    return writes.deleteManifest(repository, digest);
  }

  /**
   * Hides a blob in one repository until it is pushed or mounted there again. The store keeps it.
   *
   * @return whether it could be read there until now
   */
  public boolean deleteBlob(String repository, Digest digest) throws IOException {
    requireRepository(repository);
    return writes.deleteBlob(repository, digest);
  }

  /** Whether a blob was deleted in a repository and not pushed or mounted there since. */
  public boolean isDeleted(String repository, Digest digest) throws IOException {
    requireRepository(repository);
    return tables.isDeleted(repository, digest);
  }

  /** Makes a blob readable in a repository again: it was pushed or mounted there. */
  public void restoreBlob(String repository, Digest digest) throws IOException {
    requireRepository(repository);
    writes.restoreBlob(repository, digest);
  }

  private Optional<Digest> digestOf(String repository, String reference) throws IOException {
    requireRepository(repository);
    return tables.digestOf(repository, reference);
  }

  private static void requireRepository(String repository) {
    ImageReference.requireRepository(repository);
  }

  private static void requireTags(String repository, List<String> tags) {
    ImageReference.requireRepository(repository);
    if (tags.size() > MAX_TAGS_PER_PUT) {
      throw new IllegalArgumentException(
          "%d tags at once (expected: at most %d)".formatted(tags.size(), MAX_TAGS_PER_PUT));
    }
    tags.forEach(ImageReference::requireTag);
  }
}
