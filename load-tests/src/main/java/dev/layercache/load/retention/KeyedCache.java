package dev.layercache.load.retention;

import java.util.Arrays;

/**
 * A cache that evicts the blob with the largest key first: by the time of the last use, negated, it
 * is plain LRU; by the time of the next use it is Belady's optimum. A heap with positions.
 */
final class KeyedCache implements Replacement {
  /** How a blob's key follows from now and from its next use. */
  enum Order {
    LEAST_RECENTLY_USED {
      @Override
      int key(int now, int next) {
        return -now;
      }
    },
    FARTHEST_NEXT_USE {
      @Override
      int key(int now, int next) {
        return next;
      }
    };

    abstract int key(int now, int next);
  }

  private final Order order;
  private final long capacity;
  private final int[] heap;
  private final int[] position;
  private final int[] key;
  private final long[] sizes;
  private int count;
  private int now;
  private long used;

  KeyedCache(Order order, long capacity, int blobs) {
    this.order = order;
    this.capacity = capacity;
    this.heap = new int[blobs];
    this.position = new int[blobs];
    this.key = new int[blobs];
    this.sizes = new long[blobs];
    Arrays.fill(position, -1);
  }

  @Override
  public boolean request(int blob, long size, int next) {
    now++;
    key[blob] = order.key(now, next);
    if (position[blob] >= 0) {
      sink(position[blob]);
      rise(position[blob]);
      return true;
    }
    while (used + size > capacity && count > 0) {
      remove(heap[0]);
    }
    sizes[blob] = size;
    used += size;
    heap[count] = blob;
    position[blob] = count;
    rise(count++);
    return false;
  }

  private void remove(int blob) {
    int at = position[blob];
    position[blob] = -1;
    used -= sizes[blob];
    count--;
    if (at < count) {
      heap[at] = heap[count];
      position[heap[at]] = at;
      sink(at);
      rise(position[heap[at]]);
    }
  }

  private void rise(int from) {
    int at = from;
    while (at > 0 && key[heap[at]] > key[heap[(at - 1) / 2]]) {
      swap(at, (at - 1) / 2);
      at = (at - 1) / 2;
    }
  }

  private void sink(int from) {
    int at = from;
    while (true) {
      int largest = at;
      for (int child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++) {
        if (key[heap[child]] > key[heap[largest]]) {
          largest = child;
        }
      }
      if (largest == at) {
        return;
      }
      swap(at, largest);
      at = largest;
    }
  }

  private void swap(int a, int b) {
    int blob = heap[a];
    heap[a] = heap[b];
    heap[b] = blob;
    position[heap[a]] = a;
    position[heap[b]] = b;
  }
}
