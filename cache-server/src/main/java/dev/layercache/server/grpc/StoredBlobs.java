package dev.layercache.server.grpc;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobSource;
import dev.layercache.server.blob.ByteRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Looks blobs up by hash and size: a blob of another size is not the one that was asked for. */
final class StoredBlobs {
  private StoredBlobs() {}

  /** Those that are not stored, a new set; renews the life of the others. */
  static Set<SizedDigest> findMissing(BlobSource store, Collection<SizedDigest> asked)
      throws IOException {
    var digests = new ArrayList<Digest>(asked.size());
    for (var blob : asked) {
      digests.add(blob.digest());
    }
    var missing = store.findMissing(digests);
    var result = new HashSet<SizedDigest>();
    for (var blob : asked) {
      if (missing.contains(blob.digest()) || !hasSize(store, blob)) {
        result.add(blob);
      }
    }
    return result;
  }

  /**
   * Which are stored, by their places in {@code asked}, as far as the store knows at once; renews
   * their lives. Never blocks.
   */
  static Optional<BitSet> areStoredAtOnce(BlobSource store, List<SizedDigest> asked) {
    var digests = new ArrayList<Digest>(asked.size());
    for (var blob : asked) {
      digests.add(blob.digest());
    }
    return store
        .sizesAtOnce(digests)
        .map(
            sizes -> {
              var stored = new BitSet(sizes.length);
              for (int i = 0; i < sizes.length; i++) {
                stored.set(i, sizes[i] == asked.get(i).size());
              }
              return stored;
            });
  }

  /** Whether a blob is stored; renews its life if so. */
  static boolean contains(BlobSource store, SizedDigest blob) throws IOException {
    return findMissing(store, Set.of(blob)).isEmpty();
  }

  /** Opens a range of a blob; empty when it is not stored. The caller closes the reader. */
  static Optional<BlobReader> open(BlobSource store, SizedDigest blob, ByteRange range)
      throws IOException {
    var reader = store.open(blob.digest(), range);
    if (reader.isPresent() && reader.get().info().size() != blob.size()) {
      reader.get().close();
      return Optional.empty();
    }
    return reader;
  }

  private static boolean hasSize(BlobSource store, SizedDigest blob) throws IOException {
    return store.stat(blob.digest()).filter(info -> info.size() == blob.size()).isPresent();
  }
}
