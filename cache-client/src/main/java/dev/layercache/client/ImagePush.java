package dev.layercache.client;

import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.client.image.ImageSource;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.ImageReference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;

/** Pushes images. Thread-safe. */
final class ImagePush {
  /** How often blobs that are evicted while the push runs are sent again. */
  private static final int MAX_REPAIRS = 8;

  private final ContentAddressableStorage storage;
  private final Images images;
  private final BlobUploader uploader;
  private final int parallel;

  ImagePush(ContentAddressableStorage storage, Images images, BlobUploader uploader, int parallel) {
    this.storage = storage;
    this.images = images;
    this.uploader = uploader;
    this.parallel = parallel;
  }

  TransferReport push(ImageSource source, ImageReference target, TransferListener listener)
      throws IOException {
    Descriptor root = source.root();
    if (target.digest().isPresent() && !target.digest().get().equals(root.digest())) {
      throw new LayercacheException(
          Kind.INVALID,
          "push to %s: the image is %s (expected: the digest of the target)"
              .formatted(target, root.digest()));
    }
    var meter = new TransferMeter(listener);
    var tree = ImageTree.walk(new Images.Image(root, source.manifest(root)), source::manifest);
    var push = new Push(source, target.repository(), tree, meter);
    push.sendMissing();
    for (Images.Image manifest : tree.manifests()) {
      boolean isRoot = manifest.descriptor().digest().equals(root.digest());
      push.put(manifest, isRoot ? tags(target) : List.of());
    }
    return meter.report(tree, root);
  }

  private static List<String> tags(ImageReference target) {
    return target.tag().isEmpty() && target.digest().isPresent()
        ? List.of()
        : List.of(target.tagOrDefault());
  }

  /** One push under way. */
  private final class Push {
    private final ImageSource source;
    private final String repository;
    private final ImageTree tree;
    private final TransferMeter meter;
    private int repairs;

    Push(ImageSource source, String repository, ImageTree tree, TransferMeter meter) {
      this.source = source;
      this.repository = repository;
      this.tree = tree;
      this.meter = meter;
    }

    void sendMissing() throws IOException {
      Collection<Descriptor> all = tree.blobs();
      List<Descriptor> missing = storage.findMissing(all);
      var present = new HashSet<>(all);
      missing.forEach(present::remove);
      present.forEach(meter::alreadyThere);
      send(missing);
    }

    private void send(Collection<Descriptor> blobs) throws IOException {
      ParallelTransfers.forEach(
          BlobBatches.of(blobs, uploader.maxBatchBytes()), parallel, this::sendBatch);
    }

    private void sendBatch(List<Descriptor> batch) throws IOException {
      if (BlobBatches.isStream(batch)) {
        Descriptor blob = batch.get(0);
        uploader.upload(blob, offset -> source.open(blob, offset), meter.of(blob));
      } else {
        uploader.uploadBatch(batch, blob -> offset -> source.open(blob, offset), meter::of);
      }
      batch.forEach(meter::finished);
    }

    /** Stores a manifest, sending again what was evicted since it was found or sent. */
    void put(Images.Image manifest, List<String> tags) throws IOException {
      Descriptor descriptor = manifest.descriptor();
      BlobProgress progress = meter.of(descriptor);
      progress.started(0);
      while (true) {
        try {
          images.put(repository, tags, manifest);
          progress.moved(descriptor.size(), descriptor.size());
          meter.finished(descriptor);
          return;
        } catch (LayercacheException e) {
          if (e.kind() != Kind.MISSING_BLOBS || repairs++ == MAX_REPAIRS) {
            throw e;
          }
          repair(e);
        }
      }
    }

    private void repair(LayercacheException refusal) throws IOException {
      var blobs = new ArrayList<Descriptor>();
      var manifests = new ArrayList<Images.Image>();
      for (Descriptor missing : refusal.missing()) {
        tree.blob(missing.digest()).ifPresent(blobs::add);
        tree.manifest(missing.digest()).ifPresent(manifests::add);
      }
      if (blobs.isEmpty() && manifests.isEmpty()) {
        throw refusal;
      }
      send(blobs);
      for (Images.Image manifest : manifests) {
        put(manifest, List.of());
      }
    }
  }
}
