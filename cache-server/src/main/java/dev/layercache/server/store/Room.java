package dev.layercache.server.store;

/**
 * Bytes of the budget that somebody is about to write. Whoever took it closes it once they are
 * written, or are known not to be: until then they count whatever the disk says. Not thread-safe.
 */
@FunctionalInterface
interface Room extends AutoCloseable {
  @Override
  void close();
}
