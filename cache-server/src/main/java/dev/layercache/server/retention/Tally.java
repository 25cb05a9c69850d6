package dev.layercache.server.retention;

import dev.layercache.server.image.ImageGraph.Node;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a lap had to leave, and why: for the message to those who find no room. Not thread-safe. */
final class Tally {
  private final Map<Verdict.Cause, Integer> images = new EnumMap<>(Verdict.Cause.class);
  private long kept;
  private long leased;
  private long recent;

  void kept(Verdict.Cause cause, Node root) {
    images.merge(cause, 1, Integer::sum);
  }

  void kept(long bytes) {
    kept += bytes;
  }

  void leased(long bytes) {
    leased += bytes;
  }

  void recent(long bytes) {
    recent += bytes;
  }

  /** What takes the room, in a sentence. */
  String sentence() {
    var parts = new ArrayList<String>();
    if (kept > 0) {
      List<String> counted = new ArrayList<>();
      images.forEach((cause, count) -> counted.add(count + " " + cause.plural()));
      parts.add("%d bytes by %s".formatted(kept, String.join(" and ", counted)));
    }
    if (leased > 0) {
      parts.add("%d bytes by leases".formatted(leased));
    }
    if (recent > 0) {
      parts.add("%d bytes by blobs that were used a moment ago".formatted(recent));
    }
    return parts.isEmpty()
        ? "nothing can be evicted"
        : "nothing more can be evicted: "
            + String.join(", ", parts)
            + "; remove tags or pins, change the retention rules, or raise storage.budget";
  }
}
