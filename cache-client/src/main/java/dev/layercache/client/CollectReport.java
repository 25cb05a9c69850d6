package dev.layercache.client;

import java.util.List;

/**
 * What the server let go of, or would.
 *
 * @param items at most 1,000
 * @param blobs in all
 * @param bytes in all
 * @param obstacle why more cannot go; empty when enough could
 */
public record CollectReport(List<EvictionInfo> items, long blobs, long bytes, String obstacle) {
  public CollectReport {
    items = List.copyOf(items);
  }
}
