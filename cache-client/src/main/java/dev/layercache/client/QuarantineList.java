package dev.layercache.client;

import java.time.Instant;
import java.util.List;

/**
 * What was found damaged on a server.
 *
 * @param blobs the newest of them first, at most 1,000
 * @param total how many there ever were
 * @param scrub the background check
 */
public record QuarantineList(List<Blob> blobs, long total, Scrub scrub) {

  public QuarantineList {
    blobs = List.copyOf(blobs);
  }

  /**
   * A blob that was found damaged, and was missing from then on.
   *
   * @param digest "ALGORITHM:HEX"
   * @param size bytes
   * @param found when
   * @param where its files, below the data directory
   * @param why what was found and what was expected
   * @param healed whether it was stored again since
   */
  public record Blob(
      String digest, long size, Instant found, String where, String why, boolean healed) {}

  /**
   * How far the background check is.
   *
   * @param round counts from 1; 0 before the first, or when it is switched off
   * @param started when the round began
   * @param blobs checked in it
   * @param damaged of them
   * @param ended whether it is over
   */
  public record Scrub(long round, Instant started, long blobs, long damaged, boolean ended) {}
}
