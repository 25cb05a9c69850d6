package dev.layercache.server.prefetch;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobSource;
import dev.layercache.server.fill.Fills;
import dev.layercache.server.fill.Prefetch;
import dev.layercache.server.mirror.Content;
import dev.layercache.server.mirror.Origins;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Stores images before they are asked for. What is stored is not fetched again, and a blob that a
 * restart interrupted is continued where it stopped, so an order can be given again at any time.
 * Thread-safe; every order runs on its caller's thread.
 */
public final class Prefetcher {
  /** Blobs of one order that are fetched at once; {@link Fills} bounds those of all. */
  static final int PARALLEL = 8;

  /** How often progress is told. */
  static final Duration TICK = Duration.ofMillis(200);

  private final Content content;
  private final Origins origins;
  private final BlobSource stored;
  private final Fills fills;
  private final ImagePins pins;

  /**
   * @param content gives manifests
   * @param stored is what {@code fills} fills
   */
  public Prefetcher(
      Content content, Origins origins, BlobSource stored, Fills fills, ImagePins pins) {
    this.content = content;
    this.origins = origins;
    this.stored = stored;
    this.fills = fills;
    this.pins = pins;
  }

  /**
   * Runs an order. What fails is said of the images that it concerns; the others are stored.
   *
   * @param listener is told how far it is, several times a second
   * @param cancelled ends it early; blobs on their way are given up unless others want them
   * @return how it ended
   * @throws IllegalArgumentException if images are to be pinned and this server cannot
   * @throws IOException if the store fails
   */
  public PrefetchProgress run(
      PrefetchOrder order, Consumer<PrefetchProgress> listener, BooleanSupplier cancelled)
      throws IOException {
    if (order.pin().isPresent() && pins == ImagePins.NONE) {
      throw new IllegalArgumentException("pin: this server cannot pin images (expected: none)");
    }
    var run = new PrefetchRun(listener);
    var contents = new ImageContents(content, order.platforms());
    for (var image : order.images()) {
      if (cancelled.getAsBoolean()) {
        return run.progress();
      }
      run.add(image, contents);
    }
    run.subtract(stored.findMissing(run.blobs()));
    if (!order.planOnly()) {
      try (var transfers = new Transfers(run, this::begin)) {
        transfers.run(cancelled);
      }
      if (order.pin().isPresent() && !cancelled.getAsBoolean()) {
        run.pin(pins, order.pin().get());
      }
    }
    listener.accept(run.progress());
    return run.progress();
  }

  /** Where blobs come from. */
  interface Source {
    Prefetch begin(String repository, Digest blob) throws IOException;
  }

  private Prefetch begin(String repository, Digest blob) throws IOException {
    var origin =
        origins
            .of(repository)
            .orElseThrow(
                () ->
                    new IOException(
                        "%s of %s is not stored, and no upstream has it"
                            .formatted(blob, repository)));
    return fills.prefetch(blob, origin);
  }
}
