package dev.layercache.load.retention;

/** Runs the month against a cache that is only a replacement order. */
final class Comparison {
  private Comparison() {}

  static HitRatio run(CiMonth month, KeyedCache.Order order, long capacity) {
    int[] pulls = month.pulls();
    int[] next = order == KeyedCache.Order.FARTHEST_NEXT_USE ? nextUses(month) : new int[0];
    var cache = new KeyedCache(order, capacity, month.blobs());
    var ratio = new HitRatio();
    int request = 0;
    for (int pull : pulls) {
      for (int blob : month.image(pull).blobs()) {
        int again = next.length == 0 ? 0 : next[request];
        long size = month.size(blob);
        ratio.request(size, cache.request(blob, size, again));
        request++;
      }
    }
    return ratio;
  }

  /** For each request for a blob the number of the next one for it. */
  private static int[] nextUses(CiMonth month) {
    int[] pulls = month.pulls();
    int requests = 0;
    for (int pull : pulls) {
      requests += month.image(pull).blobs().length;
    }
    int[] next = new int[requests];
    int[] seen = new int[month.blobs()];
    java.util.Arrays.fill(seen, Integer.MAX_VALUE);
    int request = requests;
    for (int i = pulls.length - 1; i >= 0; i--) {
      int[] blobs = month.image(pulls[i]).blobs();
      for (int j = blobs.length - 1; j >= 0; j--) {
        next[--request] = seen[blobs[j]];
        seen[blobs[j]] = request;
      }
    }
    return next;
  }
}
