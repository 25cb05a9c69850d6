package dev.layercache.server.blob.memory;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobAdmin.Usage;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What is committed: bytes by SHA-256 digest, and other digests as aliases of it. Thread-safe. */
final class Blobs {
  private final Map<Digest, Chunks> contents = new HashMap<>();
  private final Map<Digest, Digest> aliases = new HashMap<>();
  private long bytes;

  Blobs() {
    contents.put(Digest.EMPTY, new Chunks());
  }

  synchronized Optional<Chunks> find(Digest digest) {
    return Optional.ofNullable(contents.get(aliases.getOrDefault(digest, digest)));
  }

  synchronized void add(Digest sha256, Digest named, Chunks content) {
    if (contents.putIfAbsent(sha256, content) == null) {
      bytes += content.size();
    }
    if (!named.equals(sha256)) {
      aliases.put(named, sha256);
    }
  }

  /** Removes a blob under all its digests. */
  synchronized boolean remove(Digest digest) {
    var sha256 = aliases.getOrDefault(digest, digest);
    if (sha256.equals(Digest.EMPTY)) {
      return false;
    }
    var removed = Optional.ofNullable(contents.remove(sha256));
    removed.ifPresent(content -> bytes -= content.size());
    aliases.values().removeIf(sha256::equals);
    return removed.isPresent();
  }

  /** {@link Digest#EMPTY} takes no room and is not counted. */
  synchronized Usage usage(long uploads) {
    return new Usage(contents.size() - 1L, bytes, uploads);
  }

  synchronized void clear() {
    contents.clear();
    aliases.clear();
    bytes = 0;
  }
}
