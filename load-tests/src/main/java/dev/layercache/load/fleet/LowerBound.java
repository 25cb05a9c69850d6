package dev.layercache.load.fleet;

import dev.layercache.load.data.Blob;
import dev.layercache.oci.Digest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fewest bytes that must move: to each agent every layer once that it needs and did not make,
 * and to the server every layer once that it does not have.
 */
public final class LowerBound {
  private final Map<Integer, Set<Digest>> agents = new HashMap<>();
  private final Set<Digest> server = new HashSet<>();
  private long bytes;

  public LowerBound(Day day) {
    day.bases().forEach(base -> base.layers().forEach(layer -> server.add(layer.digest())));
  }

  /** Adds one more round and returns the bytes of all so far. */
  public long after(List<Job> round) {
    for (var job : round) {
      var held = agents.computeIfAbsent(job.agent(), agent -> new HashSet<>());
      job.newest().ifPresent(image -> image.blobs().forEach(blob -> move(blob, held)));
      job.built().base().layers().forEach(blob -> move(blob, held));
      job.built().own().forEach(blob -> held.add(blob.digest()));
      held.add(job.built().config().digest());
    }
    for (var job : round) {
      job.built().blobs().forEach(blob -> move(blob, server));
    }
    return bytes;
  }

  private void move(Blob blob, Set<Digest> to) {
    if (to.add(blob.digest())) {
      bytes += blob.size();
    }
  }
}
