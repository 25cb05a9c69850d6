package dev.layercache.load.profile;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Samples of stacks, merged from the outermost frame on. Not thread-safe. */
final class StackTree {
  private final String frame;
  private final Map<String, StackTree> callees = new TreeMap<>();
  private long samples;

  StackTree(String frame) {
    this.frame = frame;
  }

  /**
   * @param frames the outermost first
   */
  void add(List<String> frames) {
    samples++;
    if (!frames.isEmpty()) {
      callees
          .computeIfAbsent(frames.getFirst(), StackTree::new)
          .add(frames.subList(1, frames.size()));
    }
  }

  String frame() {
    return frame;
  }

  /** In this frame and in what it called. */
  long samples() {
    return samples;
  }

  /** By name. */
  Collection<StackTree> callees() {
    return callees.values();
  }
}
