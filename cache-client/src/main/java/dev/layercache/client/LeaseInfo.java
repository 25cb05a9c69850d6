package dev.layercache.client;

import dev.layercache.oci.Digest;
import java.time.Instant;
import java.util.List;

/**
 * A promise of the server to keep blobs.
 *
 * @param until when it ends
 * @param missing blobs that the server does not have, for which it promised nothing
 */
public record LeaseInfo(Instant until, List<Digest> missing) {
  public LeaseInfo {
    missing = List.copyOf(missing);
  }
}
