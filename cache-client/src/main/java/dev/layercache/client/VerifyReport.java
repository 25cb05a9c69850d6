package dev.layercache.client;

import java.util.List;

/**
 * What a check of a server's store found.
 *
 * @param blobs how many were checked
 * @param bytes how many were read
 * @param damage the first 10,000 findings
 * @param findings how many there were
 */
public record VerifyReport(long blobs, long bytes, List<Damage> damage, long findings) {

  public VerifyReport {
    damage = List.copyOf(damage);
  }

  /**
   * Something that is not as it was written. A damaged blob is not served any more.
   *
   * @param digest of the blob, "ALGORITHM:HEX"; empty when it is no blob's bytes
   * @param where the files, below the data directory
   * @param why what was found and what was expected
   */
  public record Damage(String digest, String where, String why) {}
}
