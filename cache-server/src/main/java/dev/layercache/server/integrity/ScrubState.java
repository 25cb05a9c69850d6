package dev.layercache.server.integrity;

import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * How far the scrubber is; survives a restart.
 *
 * @param round counts from 1; 0 before the first
 * @param started when this round began
 * @param last id of the blob that was checked last; 0 when the round begins
 * @param blobs checked in this round
 * @param damaged of them
 * @param ended whether the round is done, and the next has yet to begin
 */
public record ScrubState(
    long round, Instant started, long last, long blobs, long damaged, boolean ended) {
  static final ScrubState NONE = new ScrubState(0, Instant.EPOCH, 0, 0, 0, true);

  ScrubState nextRound(Instant now) {
    return new ScrubState(round + 1, now, 0, 0, 0, false);
  }

  ScrubState checked(long upTo, long moreBlobs, long moreDamaged, boolean isEnd) {
    return new ScrubState(round, started, upTo, blobs + moreBlobs, damaged + moreDamaged, isEnd);
  }

  byte[] encode() {
    return ByteBuffer.allocate(5 * Long.BYTES + 1)
        .putLong(round)
        .putLong(started.toEpochMilli())
        .putLong(last)
        .putLong(blobs)
        .putLong(damaged)
        .put((byte) (ended ? 1 : 0))
        .array();
  }

  static ScrubState decode(byte[] value) {
    var in = ByteBuffer.wrap(value);
    return new ScrubState(
        in.getLong(),
        Instant.ofEpochMilli(in.getLong()),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.get() == 1);
  }
}
