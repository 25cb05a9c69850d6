package dev.layercache.load.fleet;

import dev.layercache.load.data.Blob;
import dev.layercache.oci.Digest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fewest bytes that must move: from upstream each byte once that anybody needs; to each machine
 * every layer once that it needs and did not make; and to the cache every layer once that was made.
 */
public final class LowerBound {
  private final Map<Integer, Set<Digest>> machines = new HashMap<>();
  private final Set<Digest> cache = new HashSet<>();
  private long upstreamBytes;
  private long bytes;

  /** Adds one more round and returns the bytes of all so far, on both wires. */
  public long after(List<Job> round) {
    for (var job : round) {
      var held = machines.computeIfAbsent(job.machine(), machine -> new HashSet<>());
      job.newest().ifPresent(image -> image.blobs().forEach(blob -> move(blob, held)));
      for (var blob : job.built().base().blobs()) {
        move(blob, held);
        upstreamBytes += move(blob, cache);
      }
      job.built().own().forEach(blob -> held.add(blob.digest()));
      held.add(job.built().config().digest());
    }
    for (var job : round) {
      job.built().blobs().forEach(blob -> move(blob, cache));
    }
    return bytes;
  }

  /** Of all rounds so far, on both wires. */
  public long bytes() {
    return bytes;
  }

  /** Those that came from upstream. */
  public long upstreamBytes() {
    return upstreamBytes;
  }

  private long move(Blob blob, Set<Digest> to) {
    long moved = to.add(blob.digest()) ? blob.size() : 0;
    bytes += moved;
    return moved;
  }
}
