package dev.layercache.server.store;

/** A hash as 64-bit words: uniform already, so tables in memory need no hash of their own. */
final class HashWords {
  private HashWords() {}

  /** The word at {@code index} of a hash in lower-case hex, 16 characters each. */
  static long ofHex(String hex, int index) {
    long value = 0;
    for (int i = index * 16; i < index * 16 + 16; i++) {
      int c = hex.charAt(i);
      value = value << 4 | (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return value;
  }
}
