package dev.layercache.client;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what one push or pull moves, and tells the caller's listener. Thread-safe. */
final class TransferMeter {
  private static final Logger LOG = LoggerFactory.getLogger(TransferMeter.class);

  private final TransferListener listener;
  private final long begun = System.nanoTime();
  private final LongAdder bytesMoved = new LongAdder();
  private final Set<Digest> moved = ConcurrentHashMap.newKeySet();

  TransferMeter(TransferListener listener) {
    this.listener = listener;
  }

  /** What is to be told of one blob or manifest. */
  BlobProgress of(Descriptor blob) {
    return new BlobProgress() {
      @Override
      public void started(long offset) {
        tell(() -> listener.started(blob, offset));
      }

      @Override
      public void moved(long bytes, long position) {
        bytesMoved.add(bytes);
        moved.add(blob.digest());
        tell(() -> listener.progressed(blob, position));
      }
    };
  }

  void finished(Descriptor blob) {
    tell(() -> listener.finished(blob));
  }

  void alreadyThere(Descriptor blob) {
    tell(() -> listener.alreadyThere(blob));
  }

  TransferReport report(ImageTree tree, Descriptor root) {
    Set<Digest> layers = tree.layers();
    return new TransferReport(
        layers.size(),
        (int) layers.stream().filter(moved::contains).count(),
        tree.totalBytes(),
        bytesMoved.sum(),
        Duration.ofNanos(System.nanoTime() - begun),
        root);
  }

  private static void tell(Runnable message) {
    try {
      message.run();
    } catch (RuntimeException e) {
      LOG.warn("a transfer listener failed; the transfer goes on", e);
    }
  }
}
