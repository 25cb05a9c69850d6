package dev.layercache.server.retention;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.ManualClock;
import dev.layercache.server.blob.SpaceBudget;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.image.CopiedRepositories;
import dev.layercache.server.image.Images;
import dev.layercache.server.image.ManifestJson;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A durable store with images and retention on a clock that the test moves. The budget is not that
 * of the disk but one of blob bytes alone, so that what must go can be computed.
 */
final class RetentionFixture implements AutoCloseable {
  static final Duration GRACE = Duration.ofMinutes(10);

  final ManualClock clock = new ManualClock();
  final BlobsOnly budget;
  private final Path directory;
  private final RetentionOptions options;
  RocksStore store;
  BlobStore blobs;
  Images images;
  Retention retention;

  /** Counts blobs only. */
  static final class BlobsOnly implements SpaceBudget {
    volatile long limit;
    volatile Optional<String> exhausted = Optional.empty();
    private Optional<RetentionFixture> of = Optional.empty();

    BlobsOnly(long limit) {
      this.limit = limit;
    }

    @Override
    public long limit() {
      return limit;
    }

    @Override
    public SpaceUse measure() {
      long bytes = of.orElseThrow().blobs.usage().bytes();
      return new SpaceUse(bytes, bytes, 0, 0, limit);
    }

    @Override
    public void onPressure(Runnable wake) {}

    @Override
    public void exhausted(String why) {
      exhausted = Optional.of(why);
    }

    @Override
    public void reclaim() {}

    @Override
    public void relieved() {
      exhausted = Optional.empty();
    }
  }

  RetentionFixture(Path directory, long limit, List<RepositoryRule> rules) throws IOException {
    this.directory = directory;
    this.budget = new BlobsOnly(limit);
    this.options = RetentionOptions.DEFAULTS.withRules(rules).withGrace(GRACE);
    open();
  }

  private void open() throws IOException {
    store = RocksStore.open(directory, StoreOptions.DEFAULTS, clock);
    blobs = store.blobs();
    var rules =
        new RetentionRules(options.rules(), repository -> repository.startsWith("docker.io/"));
    images =
        new Images(
            blobs,
            store.metadata(),
            clock,
            CopiedRepositories.NONE,
            store.eviction(),
            rules::isImmutable);
    budget.of = Optional.of(this);
    retention =
        new Retention(
            blobs, store.eviction(), budget, store.metadata(), images, options, rules, clock);
  }

  void restart() throws IOException {
    close();
    open();
  }

  @Override
  public void close() {
    retention.close();
    store.close();
  }

  /** Lets hours pass, so that uses before and after differ. */
  void hours(int hours) {
    clock.advance(Duration.ofHours(hours));
  }

  /** Evicts as the thread would. */
  void evict() throws IOException {
    retention.collect();
  }

  Descriptor blob(String name, int size) throws IOException {
    byte[] bytes = bytes(name, size);
    return store("application/octet-stream", bytes);
  }

  static byte[] bytes(String name, int size) {
    byte[] bytes = new byte[size];
    new Random(name.hashCode()).nextBytes(bytes);
    byte[] prefix = name.getBytes(UTF_8);
    System.arraycopy(prefix, 0, bytes, 0, Math.min(prefix.length, size));
    return bytes;
  }

  Descriptor store(String mediaType, byte[] bytes) throws IOException {
    Digest digest = Digest.of(bytes);
    try (BlobUpload upload = blobs.begin(UploadHint.of(digest, bytes.length))) {
      upload.write(ByteBuffer.wrap(bytes));
      upload.commit(digest);
    }
    return new Descriptor(mediaType, digest, bytes.length);
  }

  /** The manifest of an image with these layers; stores its configuration. */
  byte[] manifest(String name, Descriptor... layers) throws IOException {
    var config = store(MediaTypes.OCI_CONFIG, ("{\"name\":\"" + name + "\"}").getBytes(UTF_8));
    return ManifestJson.manifest(config, layers).bytes();
  }

  Descriptor put(String repository, byte[] manifest, String... tags) throws IOException {
    return images.put(repository, Optional.empty(), List.of(tags), manifest, "").descriptor();
  }

  /** Pushes an image with one layer of its own, tagged with its name. */
  Descriptor push(String repository, String name, int size) throws IOException {
    return put(repository, manifest(name, blob("layer of " + name, size)), name);
  }

  boolean isThere(String repository, String reference) throws IOException {
    return images.resolve(repository, reference).isPresent();
  }

  /** Every manifest that the index lists and every blob it needs: what is not stored. */
  List<String> broken() throws IOException {
    var broken = new ArrayList<String>();
    for (var node : images.graph().manifests(Optional.empty(), 10_000)) {
      var image = images.graph().image(node);
      for (var blob : image.orElseThrow().blobs()) {
        if (blobs.stat(blob).isEmpty()) {
          broken.add(node + " needs " + blob);
        }
      }
    }
    return broken;
  }
}
