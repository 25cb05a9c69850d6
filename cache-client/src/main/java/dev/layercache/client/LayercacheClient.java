package dev.layercache.client;

import dev.layercache.client.image.ImageDestination;
import dev.layercache.client.image.ImageSource;
import dev.layercache.client.image.PartialBlob;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A connection to a cache: asks which blobs it lacks, and moves only those.
 *
 * <p><b>Threads.</b> Thread-safe; every method blocks until it is done. At most {@link
 * ClientOptions#parallelTransfers} blobs move at once, over all calls; further ones wait for a
 * slot. A {@link BlobContent}, stream, source, destination or listener handed to a method must
 * therefore not start transfers of the same client.
 *
 * <p><b>Failures.</b> What the server refuses or does not answer is a {@link LayercacheException};
 * what the caller's own files and streams throw comes out as it is. When the server cannot be
 * reached, calls and streams are repeated as the options say; streams continue at the byte where
 * they broke.
 *
 * <p><b>Closing</b> cancels everything in flight: blocked calls fail with {@link
 * LayercacheException.Kind#CANCELLED}. Whoever connected closes. An interrupted caller's transfer
 * is cancelled in the same way.
 */
public final class LayercacheClient implements AutoCloseable {
  private final Connection connection;
  private final ContentAddressableStorage storage;
  private final Images images;
  private final Integrity integrity;
  private final RetentionCalls retention;
  private final Mirrors mirrors;
  private final BlobUploader uploader;
  private final BlobDownloader downloader;

  private LayercacheClient(Connection connection, ContentAddressableStorage storage) {
    this.connection = connection;
    this.storage = storage;
    this.images = new Images(connection);
    this.integrity = new Integrity(connection);
    this.retention = new RetentionCalls(connection);
    this.mirrors = new Mirrors(connection);
    this.uploader = new BlobUploader(connection, storage);
    this.downloader = new BlobDownloader(connection, storage);
  }

  /**
   * Connects and asks the server for its limits.
   *
   * @throws LayercacheException if it cannot be reached after all retries; the message says which
   *     address was tried
   */
  public static LayercacheClient connect(ClientOptions options) throws LayercacheException {
    var connection = new Connection(options);
    try {
      return new LayercacheClient(connection, ContentAddressableStorage.of(connection));
    } catch (LayercacheException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /**
   * Which of these blobs the server lacks, each digest once, in the order given. Those that it has
   * are kept for a while longer.
   */
  public List<Descriptor> findMissing(Collection<Descriptor> blobs) throws LayercacheException {
    return storage.findMissing(blobs);
  }

  /**
   * Which of these blobs the server can give, with their sizes, which their digests do not tell.
   * Those that it has are kept for a while longer.
   *
   * @param storedOnly leaves out what the server would have to fetch from elsewhere first
   * @return in the order given; their media types are empty
   */
  public List<Descriptor> find(Collection<Digest> digests, boolean storedOnly)
      throws LayercacheException {
    return images.find(digests, storedOnly);
  }

  /**
   * Opens a blob at {@code offset}, for callers that verify and repeat by themselves: the bytes are
   * not compared with the digest, and a stream that breaks stays broken. It counts as one of {@link
   * ClientOptions#parallelTransfers} until it is closed.
   *
   * @return to be closed by the caller, also by another thread, which ends a read that waits
   * @throws LayercacheException if no slot can be had; that the server lacks the blob is thrown by
   *     the first read
   */
  public ReadableByteChannel open(Descriptor blob, long offset) throws LayercacheException {
    return BlobStream.open(connection, blob, offset);
  }

  /**
   * A manifest, verified against its digest.
   *
   * @throws LayercacheException {@link LayercacheException.Kind#NOT_FOUND} if there is none
   */
  public ImageManifest manifest(ImageReference reference) throws LayercacheException {
    var image = images.get(reference);
    return new ImageManifest(image.descriptor(), image.bytes());
  }

  /**
   * Stores a manifest and moves tags to it.
   *
   * @throws LayercacheException {@link LayercacheException.Kind#MISSING_BLOBS} if the server lacks
   *     what it names
   */
  public void putManifest(String repository, List<String> tags, ImageManifest manifest)
      throws LayercacheException {
    images.put(repository, tags, new Images.Image(manifest.descriptor(), manifest.bytes()));
  }

  /**
   * Sends a blob unless the server has it. A broken stream continues at the byte that the server
   * asks for.
   *
   * @return whether bytes had to move; false when the server had the blob, or was given it by
   *     somebody else meanwhile
   * @throws LayercacheException {@link LayercacheException.Kind#INVALID} if {@code content} is
   *     shorter than the descriptor says or has another digest; the server then keeps nothing
   * @throws IOException if {@code content} cannot be read
   */
  public boolean upload(Descriptor blob, BlobContent content) throws IOException {
    return !storage.findMissing(List.of(blob)).isEmpty()
        && uploader.upload(blob, content, BlobProgress.NONE);
  }

  /**
   * Receives a blob from {@link PartialBlob#position} on and commits it.
   *
   * @param target verifies what it commits; stays the caller's to close
   * @throws IOException if {@code target} cannot be written, or does not verify
   */
  public void download(Descriptor blob, PartialBlob target) throws IOException {
    downloader.download(blob, target);
  }

  /**
   * Receives a blob into a stream. The last bytes are written only after the digest of all was
   * verified, so that a wrong blob is never complete; after a failure, what was written must be
   * discarded.
   *
   * @param target flushed at the end; stays the caller's to close
   * @throws LayercacheException {@link LayercacheException.Kind#CORRUPT} if the bytes are not those
   *     of the digest
   */
  public void download(Descriptor blob, OutputStream target) throws IOException {
    try (var partial = new StreamedBlob(blob, target)) {
      downloader.download(blob, partial);
    }
  }

  /**
   * Receives a blob into a file, which appears by an atomic rename once it is verified and on disk.
   * Until then the bytes are in a hidden file beside it, which a failure removes. A file of that
   * name is replaced.
   *
   * @throws LayercacheException {@link LayercacheException.Kind#CORRUPT} if the bytes are not those
   *     of the digest
   */
  public void download(Descriptor blob, Path target) throws IOException {
    try (var partial = FileBlob.beside(target, blob)) {
      downloader.download(blob, partial);
    }
  }

  /**
   * Sends an image: of an index with all its images only the blobs that the server lacks, largest
   * first, then every manifest before those that name it, then the tag. Until the tag moves, nobody
   * sees any of it under the tag.
   *
   * @param target its tag moves to the image, {@code latest} when it has neither tag nor digest; a
   *     digest must be that of the image
   * @throws LayercacheException {@link LayercacheException.Kind#INVALID} if {@code target} has
   *     another digest than the image, or the image is nested or large beyond reason
   * @throws IOException if {@code source} cannot be read
   */
  public TransferReport pushImage(
      ImageSource source, ImageReference target, TransferListener listener) throws IOException {
    return new ImagePush(storage, images, uploader, connection.options().parallelTransfers())
        .push(source, target, listener);
  }

  /**
   * Receives an image: what {@code destination} lacks, each blob verified, every manifest after
   * everything it names, then the name.
   *
   * @param destination is told the tag of {@code source}, {@code latest} when it has neither tag
   *     nor digest; stays the caller's to close. After a failure, what was committed stays
   * @throws LayercacheException {@link LayercacheException.Kind#NOT_FOUND} if there is no such
   *     image, or none for the platform; the message lists the platforms that there are
   * @throws IOException if {@code destination} cannot be written
   */
  public TransferReport pullImage(
      ImageReference source,
      ImageDestination destination,
      PullOptions options,
      TransferListener listener)
      throws IOException {
    return new ImagePull(images, downloader, connection.options().parallelTransfers())
        .pull(source, destination, options, listener);
  }

  /**
   * Has the server store images of the registries that it mirrors, before they are asked for. What
   * it has is not fetched again, and when it restarts in between, it goes on.
   *
   * @param images 1 to 1,000, by the names that they have on the server
   * @param listener is told several times a second how far it is, on the calling thread
   * @return how it ended; an image that could not be stored says why
   */
  public PrefetchReport prefetch(
      List<ImageReference> images, PrefetchOptions options, Consumer<PrefetchReport> listener)
      throws IOException {
    return mirrors.prefetch(images, options, listener);
  }

  /**
   * As {@link #prefetch}, for the start of a build agent: the images for this kind of machine, as
   * far as they can be had.
   */
  public PrefetchReport warm(List<ImageReference> images) throws IOException {
    var platforms = List.of(PrefetchOptions.thisMachine());
    return prefetch(
        images, new PrefetchOptions(platforms, Optional.empty(), false), progress -> {});
  }

  /**
   * What a tag points to, or a digest names.
   *
   * @throws LayercacheException {@link LayercacheException.Kind#NOT_FOUND} if there is none
   */
  public ImageInfo resolve(ImageReference reference) throws LayercacheException {
    return new ImageInfo(reference, images.resolve(reference));
  }

  /**
   * All repositories in lexical order.
   *
   * @throws LayercacheException {@link LayercacheException.Kind#FAILED} if there are more than
   *     100,000
   */
  public List<RepositoryInfo> repositories() throws LayercacheException {
    return images.repositories();
  }

  /**
   * All tags of a repository in lexical order.
   *
   * @throws LayercacheException {@link LayercacheException.Kind#NOT_FOUND} if there is no such
   *     repository; {@link LayercacheException.Kind#FAILED} if there are more than 100,000
   */
  public List<TagInfo> tags(String repository) throws LayercacheException {
    return images.tags(repository);
  }

  /**
   * Removes a tag; what it pointed to stays until retention takes it.
   *
   * @param reference with a tag and without a digest: nothing is deleted by default
   * @throws IllegalArgumentException if {@code reference} is not of that form
   * @throws LayercacheException {@link LayercacheException.Kind#NOT_FOUND} if there is no such tag
   */
  public void deleteTag(ImageReference reference) throws LayercacheException {
    if (reference.tag().isEmpty() || reference.digest().isPresent()) {
      throw new IllegalArgumentException(
          "tag to delete: '%s' (expected: REPOSITORY:TAG)".formatted(reference));
    }
    images.deleteTag(reference.repository(), reference.tag().get());
  }

  /**
   * Keeps an image until a time, whatever the server's rules say. Moving its tag later does not
   * move the pin; pinning it again changes until when.
   *
   * @param length for how long; empty keeps it until {@link #unpin}
   * @throws LayercacheException {@link LayercacheException.Kind#NOT_FOUND} if there is no such
   *     image; {@link LayercacheException.Kind#OUT_OF_SPACE} if pins would take more than their
   *     share of the server's budget
   */
  public PinInfo pin(ImageReference reference, Optional<Duration> length)
      throws LayercacheException {
    return retention.pin(reference, length);
  }

  /**
   * Ends a pin.
   *
   * @param reference as it was pinned, or by its digest
   * @throws LayercacheException {@link LayercacheException.Kind#NOT_FOUND} if there is none
   */
  public void unpin(ImageReference reference) throws LayercacheException {
    retention.unpin(reference);
  }

  /** All pins that have not ended. */
  public PinList pins() throws LayercacheException {
    return retention.pins();
  }

  /**
   * Keeps blobs until a time, so that a running build cannot lose its inputs. A longer lease that
   * one of them has already stays.
   *
   * @param digests at most 10,000
   * @param length at most a day; a longer one is cut
   * @return until when, and which blobs are not there
   * @throws LayercacheException {@link LayercacheException.Kind#OUT_OF_SPACE} if leases would take
   *     more than their share of the server's budget; then nothing is leased
   */
  public LeaseInfo lease(Collection<Digest> digests, Duration length) throws LayercacheException {
    return retention.lease(digests, length);
  }

  /** Why the server has a blob or manifest, or has not. */
  public Explanation explain(Digest digest) throws LayercacheException {
    return retention.explain(digest);
  }

  /**
   * Why the server has an image, or has not.
   *
   * @throws LayercacheException {@link LayercacheException.Kind#NOT_FOUND} if it has not, and does
   *     not remember to have evicted it
   */
  public Explanation explain(ImageReference reference) throws LayercacheException {
    return retention.explain(reference);
  }

  /**
   * Who takes how much of the server's disk. The server reads its whole index of images.
   *
   * @param repository looks at this one alone
   * @param withImages whether to list images too
   */
  public DiskUsage diskUsage(Optional<String> repository, boolean withImages)
      throws LayercacheException {
    return retention.diskUsage(repository, withImages);
  }

  /** Evicts what has expired, and what must go for the server to stay below its budget. */
  public CollectReport collect() throws LayercacheException {
    return retention.collect(false, 0);
  }

  /**
   * What would go, first first.
   *
   * @param freeBytes bytes that are wanted; 0 means those above the budget
   */
  public CollectReport planCollection(long freeBytes) throws LayercacheException {
    return retention.collect(true, freeBytes);
  }

  /** What the server holds and did. */
  public Statistics statistics() throws LayercacheException {
    return images.statistics();
  }

  /** The registries that the server mirrors, by name; none when it mirrors none. */
  public List<UpstreamInfo> upstreams() throws LayercacheException {
    return mirrors.upstreams();
  }

  /**
   * An image with its layers and who else uses them.
   *
   * @throws LayercacheException {@link LayercacheException.Kind#NOT_FOUND} if there is no such
   *     image
   */
  public ImageInspection inspect(ImageReference reference) throws LayercacheException {
    return images.inspect(reference);
  }

  /** Unfinished uploads of all clients, oldest first; the first 1,000. */
  public List<UploadProgress> uploads() throws LayercacheException {
    return images.uploads();
  }

  /**
   * Checks everything that the server stores, while it is in use. Takes as long as reading it all
   * does; closing the client ends it.
   *
   * @param fast checksums and records only; otherwise every blob is also hashed
   * @throws LayercacheException {@link LayercacheException.Kind#UNAVAILABLE} if another check runs
   */
  public VerifyReport verify(boolean fast, VerifyListener listener) throws LayercacheException {
    return integrity.verify(fast, listener);
  }

  /** What was found damaged on the server, by a check or by a read. */
  public QuarantineList quarantine() throws LayercacheException {
    return integrity.quarantine();
  }

  /**
   * Copies the server's store, as it is now, into a directory that a server can be started on.
   *
   * @param directory absolute, on the server's machine and on the volume of its data directory, new
   *     or empty
   * @throws LayercacheException {@link LayercacheException.Kind#INVALID} if the directory does not
   *     do, {@link LayercacheException.Kind#DENIED} if the server is on another machine
   */
  public BackupReport backup(Path directory) throws LayercacheException {
    return integrity.backup(directory);
  }

  /**
   * Cancels everything in flight and waits, for some seconds at most, until the client's own
   * threads have ended. Idempotent.
   */
  @Override
  public void close() {
    connection.close();
  }
}
