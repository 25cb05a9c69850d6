package dev.layercache.server.store;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Counts who reads which large blob, so that the files of a deleted one stay until its last reader
 * is closed. Thread-safe.
 */
final class OpenReaders {
  private final Map<Long, Entry> open = new HashMap<>();
  private final LongConsumer dropFiles;

  /**
   * @param dropFiles is given the id of a deleted blob that nobody reads any more; must not block
   */
  OpenReaders(LongConsumer dropFiles) {
    this.dropFiles = dropFiles;
  }

  /** A reader begins. It must look afterwards whether the blob is still recorded. */
  synchronized void enter(long id) {
    open.computeIfAbsent(id, key -> new Entry()).readers++;
  }

  /** A reader ends. */
  void leave(long id) {
    if (lastToLeave(id)) {
      dropFiles.accept(id);
    }
  }

  /** The blob was deleted. */
  void deleted(long id) {
    if (unread(id)) {
      dropFiles.accept(id);
    }
  }

  private synchronized boolean lastToLeave(long id) {
    var entry = open.get(id);
    if (entry == null || --entry.readers > 0) {
      return false;
    }
    open.remove(id);
    return entry.deleted;
  }

  private synchronized boolean unread(long id) {
    var entry = open.get(id);
    if (entry == null) {
      return true;
    }
    entry.deleted = true;
    return false;
  }

  private static final class Entry {
    private int readers;
    private boolean deleted;
  }
}
