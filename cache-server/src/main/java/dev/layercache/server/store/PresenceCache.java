package dev.layercache.server.store;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;

/**
 * Remembers blobs that are known to be stored, with their sizes, so that asking for a hundred of
 * them does not cost a hundred database reads. Forgets freely: absence here says nothing. Only
 * SHA-256 digests are remembered.
 *
 * <p>Says too whether a blob was used in the current hour already, so that only its first use in an
 * hour has to be written down.
 *
 * <p>Fixed memory: 40 bytes an entry, in sets of four. Thread-safe. While a blob is being deleted
 * the database alone answers: it is forgotten before the write, and nothing is taken into its
 * stripe until after it. Nor does a slower reader that found the blob before bring it back: it says
 * with {@link #ticket} when it began to look, and what it found is taken only if no deletion began
 * or ended in that stripe since.
 */
final class PresenceCache {
  private static final int WAYS = 4;
  private static final int WORDS = 5;
  private static final int STRIPES = 64;

  /** The last word of an entry: the hour of the last use, then the size plus one. */
  private static final int SIZE_BITS = 40;

  private static final long SIZE_MASK = (1L << SIZE_BITS) - 1;

  /** {@link #use}: the blob is not remembered. */
  static final long UNKNOWN = -1;

  /** {@link #use}: set when this was the blob's first use in the hour. */
  static final long FIRST_USE = 1L << 62;

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
    return remembers(digest) ? stripe(digest).find(digest) : OptionalLong.empty();
  }

  /**
   * As {@link #size}, and notes that the blob is used in {@code hour}.
   *
   * @return its size, with {@link #FIRST_USE} if that was not noted before; or {@link #UNKNOWN}
   */
  long use(Digest digest, int hour) {
    return remembers(digest) ? stripe(digest).use(digest, hour) : UNKNOWN;
  }

  /** To be taken before looking a blob up elsewhere, and given back with {@link #found}. */
  long ticket(Digest digest) {
    return remembers(digest) ? stripe(digest).removals() : 0;
  }

  /**
   * Remembers what was looked up elsewhere, unless it may have been deleted since {@code ticket}.
   */
  void found(Digest digest, long size, long ticket) {
    if (remembers(digest) && size < SIZE_MASK) {
      stripe(digest).add(digest, size, ticket);
    }
  }

  /** Remembers a blob that was just stored; only the committer may say so. */
  void stored(Digest digest, long size) {
    found(digest, size, ticket(digest));
  }

  /** Forgets blobs that the next write deletes; only the committer may say so. */
  Deletion deleting(Collection<Digest> digests) {
    var remembered = digests.stream().filter(PresenceCache::remembers).toList();
    remembered.forEach(digest -> stripe(digest).beginRemoval(digest));
    return new Deletion(remembered);
  }

  /** A write that deletes blobs; closed when it is over, whether or not it succeeded. */
  final class Deletion implements AutoCloseable {
    private final List<Digest> digests;

    private Deletion(List<Digest> digests) {
      this.digests = digests;
    }

    @Override
    public void close() {
      digests.forEach(digest -> stripe(digest).endRemoval());
    }
  }

  private static boolean remembers(Digest digest) {
    return digest.algorithm() == DigestAlgorithm.SHA256;
  }

  private Stripe stripe(Digest digest) {
    return stripes[(int) (digest.word(0) & (STRIPES - 1))];
  }

  /**
   * The sets of one stripe. A set is the first words of its entries and then, for each entry, the
   * other three and the size plus one (zero marks a free entry): a look-up reads the line of first
   * words and the entry that matches, and nothing of the others.
   */
  private static final class Stripe {
    private static final int SET = WAYS * WORDS;
    private static final int REST = WORDS - 1;

    private final long[] table;
    private final int mask;
    private long removals;
    private int underWay;
    private int victim;

    Stripe(int sets) {
      table = new long[sets * SET];
      mask = sets - 1;
    }

    synchronized long removals() {
      return removals;
    }

    synchronized OptionalLong find(Digest digest) {
      int set = set(digest);
      int way = way(set, digest);
      return way < 0 ? OptionalLong.empty() : OptionalLong.of(sizeAt(size(set, way)));
    }

    synchronized long use(Digest digest, int hour) {
      int set = set(digest);
      int way = way(set, digest);
      if (way < 0) {
        return UNKNOWN;
      }
      int at = size(set, way);
      if (table[at] >>> SIZE_BITS >= hour) {
        return sizeAt(at);
      }
      table[at] = (long) hour << SIZE_BITS | (table[at] & SIZE_MASK);
      return sizeAt(at) | FIRST_USE;
    }

    private long sizeAt(int at) {
      return (table[at] & SIZE_MASK) - 1;
    }

    synchronized void add(Digest digest, long size, long ticket) {
      if (underWay > 0 || ticket != removals) {
        return;
      }
      int set = set(digest);
      int way = way(set, digest);
      if (way < 0) {
        way = freeWay(set);
      }
      table[set + way] = digest.word(0);
      for (int word = 1; word < 4; word++) {
        table[rest(set, way) + word - 1] = digest.word(word);
      }
      table[size(set, way)] = size + 1;
    }

    synchronized void beginRemoval(Digest digest) {
      removals++;
      underWay++;
      int set = set(digest);
      int way = way(set, digest);
      if (way >= 0) {
        table[size(set, way)] = 0;
      }
    }

    synchronized void endRemoval() {
      removals++;
      underWay--;
    }

    private int set(Digest digest) {
      return ((int) (digest.word(0) >>> 32) & mask) * SET;
    }

    private static int rest(int set, int way) {
      return set + WAYS + way * REST;
    }

    private static int size(int set, int way) {
      return rest(set, way) + REST - 1;
    }

    private int way(int set, Digest digest) {
      for (int way = 0; way < WAYS; way++) {
        if (table[set + way] == digest.word(0) && isEntry(rest(set, way), digest)) {
          return way;
        }
      }
      return -1;
    }

    private boolean isEntry(int rest, Digest digest) {
      return table[rest] == digest.word(1)
          && table[rest + 1] == digest.word(2)
          && table[rest + 2] == digest.word(3)
          && table[rest + 3] != 0;
    }

    private int freeWay(int set) {
      for (int way = 0; way < WAYS; way++) {
        if (table[size(set, way)] == 0) {
          return way;
        }
      }
      victim = (victim + 1) % WAYS;
      return victim;
    }
  }
}
