package dev.layercache.client;

import com.google.protobuf.ByteString;
import dev.layercache.client.image.ImageDestination;
import dev.layercache.client.image.PartialBlob;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.ImageReference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Pulls images. Thread-safe. */
final class ImagePull {
  private final Images images;
  private final BlobDownloader downloader;
  private final int parallel;

  ImagePull(Images images, BlobDownloader downloader, int parallel) {
    this.images = images;
    this.downloader = downloader;
    this.parallel = parallel;
  }

  TransferReport pull(
      ImageReference source,
      ImageDestination destination,
      PullOptions options,
      TransferListener listener)
      throws IOException {
    var meter = new TransferMeter(listener);
    Images.Image named = images.get(source);
    Images.Image root =
        options.platform().isEmpty()
            ? named
            : new PlatformSelection(images, source, options.platform().get()).select(named);
    var tree = ImageTree.walk(root, child -> images.get(source.repository(), child).bytes());
    var pull = new Pull(destination, meter);
    pull.receiveMissing(tree.blobs());
    for (Images.Image manifest : tree.manifests()) {
      pull.write(manifest);
    }
    destination.finish(root.descriptor(), tag(source));
    return meter.report(tree, root.descriptor());
  }

  private static Optional<String> tag(ImageReference source) {
    return source.digest().isPresent() ? source.tag() : Optional.of(source.tagOrDefault());
  }

  /** One pull under way. */
  private final class Pull {
    private final ImageDestination destination;
    private final TransferMeter meter;

    Pull(ImageDestination destination, TransferMeter meter) {
      this.destination = destination;
      this.meter = meter;
    }

    void receiveMissing(List<Descriptor> blobs) throws IOException {
      Queue<Descriptor> missing = new ConcurrentLinkedQueue<>();
      ParallelTransfers.forEach(
          blobs,
          parallel,
          blob -> {
            if (destination.has(blob)) {
              meter.alreadyThere(blob);
            } else {
              missing.add(blob);
            }
          });
      ParallelTransfers.forEach(
          BlobBatches.of(missing, downloader.maxBatchBytes()), parallel, this::receiveBatch);
    }

    private void receiveBatch(List<Descriptor> batch) throws IOException {
      if (BlobBatches.isStream(batch)) {
        receive(batch.get(0));
        return;
      }
      List<ByteString> contents = downloader.read(batch);
      for (int i = 0; i < batch.size(); i++) {
        write(batch.get(i), contents.get(i).asReadOnlyByteBuffer());
      }
    }

    private void receive(Descriptor blob) throws IOException {
      // What an earlier attempt left may be damaged: then it is discarded, and all of it moves.
      if (!receive(blob, true)) {
        receive(blob, false);
      }
      meter.finished(blob);
    }

    /** Whether it was committed; false only with {@code forgiving}, after a continued attempt. */
    private boolean receive(Descriptor blob, boolean forgiving) throws IOException {
      try (PartialBlob partial = destination.begin(blob)) {
        boolean continued = partial.position() > 0;
        downloader.fill(blob, partial, meter.of(blob));
        return commit(partial, forgiving && continued);
      }
    }

    void write(Images.Image manifest) throws IOException {
      write(manifest.descriptor(), ByteBuffer.wrap(manifest.bytes()));
    }

    private void write(Descriptor blob, ByteBuffer content) throws IOException {
      if (!write(blob, content.duplicate(), true)) {
        write(blob, content, false);
      }
      meter.finished(blob);
    }

    private boolean write(Descriptor blob, ByteBuffer content, boolean forgiving)
        throws IOException {
      try (PartialBlob partial = destination.begin(blob)) {
        boolean continued = partial.position() > 0;
        BlobProgress progress = meter.of(blob);
        progress.started(partial.position());
        content.position(Math.toIntExact(Math.min(partial.position(), blob.size())));
        int moved = content.remaining();
        partial.write(content);
        progress.moved(moved, blob.size());
        return commit(partial, forgiving && continued);
      }
    }

    private static boolean commit(PartialBlob partial, boolean forgiving) throws IOException {
      try {
        partial.commit();
        return true;
      } catch (IOException e) {
        if (!forgiving) {
          throw e;
        }
        return false;
      }
    }
  }
}
