package dev.layercache.client;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.DigestAlgorithm;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;

/** Decides which blobs move alone, by a stream, and which together, in one message. */
final class BlobBatches {
  /** Above this a stream costs less than holding the blob in memory. */
  private static final long MAX_SMALL_BYTES = 256 << 10;

  private static final int MAX_BLOBS = 1_000;

  private BlobBatches() {}

  /** Whether this batch is one blob that is to move by a stream. */
  static boolean isStream(List<Descriptor> batch) {
    return batch.size() == 1;
  }

  /**
   * Every blob once, largest first, so that the last to finish is a short one. A batch of several
   * holds blobs of one algorithm and at most {@code maxBytes} in all.
   */
  static List<List<Descriptor>> of(Collection<Descriptor> blobs, long maxBytes) {
    var batches = new ArrayList<List<Descriptor>>();
    var open = new EnumMap<DigestAlgorithm, List<Descriptor>>(DigestAlgorithm.class);
    var openBytes = new EnumMap<DigestAlgorithm, Long>(DigestAlgorithm.class);
    var largestFirst =
        blobs.stream().sorted(Comparator.comparingLong(Descriptor::size).reversed()).toList();
    for (Descriptor blob : largestFirst) {
      if (blob.size() > Math.min(MAX_SMALL_BYTES, maxBytes)) {
        batches.add(List.of(blob));
        continue;
      }
      DigestAlgorithm algorithm = blob.digest().algorithm();
      List<Descriptor> batch = open.get(algorithm);
      long bytes = openBytes.getOrDefault(algorithm, 0L);
      if (batch == null || batch.size() == MAX_BLOBS || bytes + blob.size() > maxBytes) {
        batch = new ArrayList<>();
        batches.add(batch);
        open.put(algorithm, batch);
        bytes = 0;
      }
      batch.add(blob);
      openBytes.put(algorithm, bytes + blob.size());
    }
    return batches;
  }
}
