package dev.layercache.server.mirror;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.fill.BlobOrigin;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A repository somewhere else, of which one here is a copy. Thread-safe; blocks on the network. */
public interface OriginRepository extends BlobOrigin {

  /**
   * What a tag points to now.
   *
   * @return empty when there is no such tag
   * @throws UnavailableException if the origin cannot say now
   * @throws OriginDeniedException if it does not say this to us
   */
  Optional<Digest> head(String tag) throws IOException;

  /**
   * A manifest.
   *
   * @param reference a tag or a digest
   * @return its bytes, whose digest the origin has compared with what was asked for and what was
   *     declared; empty when there is no such manifest
   * @throws IOException as {@link #head}
   */
  Optional<OriginManifest> manifest(String reference) throws IOException;

  /** How long what a tag points to is taken for granted. */
  Duration tagTimeToLive();

  /** Whether the origin is expected to answer. Answers at once. */
  boolean isAvailable();

  /**
   * A manifest as its origin gave it.
   *
   * @param mediaType as declared
   * @param digest of the bytes
   */
  record OriginManifest(String mediaType, Digest digest, byte[] bytes) {}
}
