package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import java.util.OptionalLong;

/**
 * Remembers blobs that are known to be stored, with their sizes, so that asking for a hundred of
 * them does not cost a hundred database reads. Forgets freely: absence here says nothing. Only
 * SHA-256 digests are remembered.
 *
 * <p>Fixed memory: 40 bytes an entry, in sets of four. Thread-safe. A deletion is never outrun by a
 * slower reader that found the blob before it: a reader says with {@link #ticket} when it began to
 * look, and what it found is taken only if nothing was deleted in that stripe since.
 */
final class PresenceCache {
  private static final int WAYS = 4;
  private static final int WORDS = 5;
  private static final int STRIPES = 64;

  private final Stripe[] stripes = new Stripe[STRIPES];

  /**
   * @param entries how many blobs are remembered, rounded up to a power of two
   */
  PresenceCache(int entries) {
    int sets = Integer.highestOneBit(Math.max(1, entries / WAYS / STRIPES - 1)) * 2;
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe(sets);
    }
  }

  /** The size of a blob that is stored for sure. */
  OptionalLong size(Digest digest) {
    if (digest.algorithm() != DigestAlgorithm.SHA256) {
      return OptionalLong.empty();
    }
    long first = digest.word(0);
    return stripe(first).find(first, digest.word(1), digest.word(2), digest.word(3));
  }

  /** To be taken before looking a blob up elsewhere, and given back with {@link #found}. */
  long ticket(Digest digest) {
    return digest.algorithm() == DigestAlgorithm.SHA256 ? stripe(digest.word(0)).removals() : 0;
  }

  /**
   * Remembers what was looked up elsewhere, unless it may have been deleted since {@code ticket}.
   */
  void found(Digest digest, long size, long ticket) {
    if (digest.algorithm() == DigestAlgorithm.SHA256) {
      long first = digest.word(0);
      stripe(first).add(first, digest.word(1), digest.word(2), digest.word(3), size, ticket);
    }
  }

  /** Remembers a blob that was just stored; only the committer may say so. */
  void stored(Digest digest, long size) {
    found(digest, size, ticket(digest));
  }

  /** Forgets a blob that was just deleted; only the committer may say so. */
  void deleted(Digest digest) {
    if (digest.algorithm() == DigestAlgorithm.SHA256) {
      long first = digest.word(0);
      stripe(first).remove(first, digest.word(1), digest.word(2), digest.word(3));
    }
  }

  private Stripe stripe(long first) {
    return stripes[(int) (first & (STRIPES - 1))];
  }

  private static final class Stripe {
    private final long[] table;
    private final int mask;
    private long removals;
    private int victim;

    Stripe(int sets) {
      table = new long[sets * WAYS * WORDS];
      mask = sets - 1;
    }

    synchronized long removals() {
      return removals;
    }

    synchronized OptionalLong find(long a, long b, long c, long d) {
      int at = slot(a, b, c, d);
      return at < 0 ? OptionalLong.empty() : OptionalLong.of(table[at + 4] - 1);
    }

    synchronized void add(long a, long b, long c, long d, long size, long ticket) {
      if (ticket != removals) {
        return;
      }
      int at = slot(a, b, c, d);
      if (at < 0) {
        at = freeSlot(a);
      }
      table[at] = a;
      table[at + 1] = b;
      table[at + 2] = c;
      table[at + 3] = d;
      // Plus one: zero marks a free slot.
      table[at + 4] = size + 1;
    }

    synchronized void remove(long a, long b, long c, long d) {
      removals++;
      int at = slot(a, b, c, d);
      if (at >= 0) {
        table[at + 4] = 0;
      }
    }

    private int set(long a) {
      return (int) (a >>> 32) & mask;
    }

    private int slot(long a, long b, long c, long d) {
      int base = set(a) * WAYS * WORDS;
      for (int at = base; at < base + WAYS * WORDS; at += WORDS) {
        if (table[at + 4] != 0
            && table[at] == a
            && table[at + 1] == b
            && table[at + 2] == c
            && table[at + 3] == d) {
          return at;
        }
      }
      return -1;
    }

    private int freeSlot(long a) {
      int base = set(a) * WAYS * WORDS;
      for (int at = base; at < base + WAYS * WORDS; at += WORDS) {
        if (table[at + 4] == 0) {
          return at;
        }
      }
      victim = (victim + 1) % WAYS;
      return base + victim * WORDS;
    }
  }
}
