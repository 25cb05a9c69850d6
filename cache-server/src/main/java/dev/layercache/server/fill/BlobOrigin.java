package dev.layercache.server.fill;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.UnavailableException;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A slower place that a blob can be had from: a repository of an upstream registry, a parent
 * layercache, later a bucket or a peer. Thread-safe; blocks on the network, each wait with a
 * deadline of its own.
 */
public interface BlobOrigin {

  /** Names the place in messages, for example {@code docker.io/library/debian}. */
  String name();

  /**
   * What many origins have in common: a registry's host, say. Fills at once are bounded and counted
   * for each group, so there must be few.
   */
  default String group() {
    return name();
  }

  /**
   * Starts reading a blob. The bytes are not trusted: whoever stores them compares the digest.
   *
   * @param offset first byte wanted, at least 0 and less than the blob's size
   * @return a stream that the caller closes; empty when the place says that it does not have the
   *     blob
   * @throws UnavailableException if the place cannot say now: it is away, refuses for a while, or
   *     its breaker is open. It is not asked again for the same fill
   * @throws IOException if the connection broke; it is asked again, a bounded number of times
   */
  Optional<OriginStream> open(Digest digest, long offset) throws IOException;

  /**
   * How large a blob is there, without its bytes where the place can say that.
   *
   * @return bytes, -1 when the place has the blob and does not say; empty when it does not have it
   * @throws IOException as {@link #open}
   */
  default OptionalLong size(Digest digest) throws IOException {
    var opened = open(digest, 0);
    if (opened.isEmpty()) {
      return OptionalLong.empty();
    }
    try (var stream = opened.get()) {
      return OptionalLong.of(stream.size());
    }
  }
}
