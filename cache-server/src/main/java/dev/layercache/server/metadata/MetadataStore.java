package dev.layercache.server.metadata;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Ordered tables of bytes. Keys are compared as unsigned bytes. Thread-safe; any method may block
 * on disk. Arrays that are passed in are not kept, arrays that come back are the caller's.
 */
public interface MetadataStore {

  /** The value under exactly this key. */
  Optional<byte[]> get(Table table, byte[] key) throws IOException;

  /**
   * Entries whose key starts with {@code prefix} and is greater than or equal to {@code from}, in
   * order.
   *
   * @param from where to start; empty starts at the first key with the prefix
   * @param most how many at most; at least 1, and bounded by the caller
   */
  List<Entry> scan(Table table, byte[] prefix, byte[] from, int most) throws IOException;

  /**
   * Applies all changes or none. When this returns they survive power loss and every later read
   * sees them.
   *
   * @throws dev.layercache.server.blob.OutOfSpaceException if the disk is full; nothing was applied
   */
  void write(List<Change> changes) throws IOException;

  /** A key and its value. */
  record Entry(byte[] key, byte[] value) {}

  /** One change of a batch. Later ones win over earlier ones. */
  sealed interface Change {
    /** The table that is changed. */
    Table table();

    /** The key that is changed. */
    byte[] key();

    /** Sets the value of a key. */
    record Put(Table table, byte[] key, byte[] value) implements Change {}

    /** Removes a key; does nothing when it is absent. */
    record Delete(Table table, byte[] key) implements Change {}
  }
}
