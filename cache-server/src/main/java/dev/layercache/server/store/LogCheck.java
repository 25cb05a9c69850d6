package dev.layercache.server.store;

import dev.layercache.server.integrity.Damage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Looks through the logs before the database replays them. RocksDB stops at the first record that
 * is not whole and drops the rest without a word, which is right after power loss (what was being
 * written was not acknowledged) and wrong when a bit has rotted: this tells.
 *
 * <p>The form is that of RocksDB's log format: blocks of 32 KiB; a record is a masked CRC-32C of
 * type and payload, two bytes of length, the type, the payload; less than seven bytes at the end of
 * a block are unused. Log and manifest share it. Reads at most the log's bound of 64 MiB, which the
 * replay then finds in the page cache.
 */
final class LogCheck {
  private static final int BLOCK = 32 << 10;
  private static final int HEADER = 7;
  private static final int CRC_DELTA = 0xa282ead8;

  /** Types of records in logs that are used again, which ours are not. */
  private static final int FIRST_RECYCLED_TYPE = 5;

  private final Path file;
  private final ByteBuffer block =
      ByteBuffer.allocateDirect(BLOCK).order(ByteOrder.LITTLE_ENDIAN).limit(0);

  /** The first record that is not whole; -1 as long as all are. */
  private long brokenAt = -1;

  private boolean neverEnds;

  private LogCheck(Path file) {
    this.file = file;
  }

  /**
   * What is wrong with the logs of a database that is not open; empty when there is none. A log is
   * cut where RocksDB would not get past a broken record: it drops the rest anyway.
   *
   * @throws IOException if the list of files is damaged in a way that RocksDB does not survive
   */
  static List<Damage> of(Path database) throws IOException {
    var damage = new ArrayList<Damage>();
    if (Files.isDirectory(database)) {
      try (var files = Files.newDirectoryStream(database, "{*.log,MANIFEST-*}")) {
        for (Path file : files) {
          var check = new LogCheck(file);
          var found = check.check();
          found.ifPresent(damage::add);
          if (found.isPresent() && check.neverEnds) {
            check.cut(found.get());
          }
        }
      }
    }
    return damage;
  }

  /** One flipped bit makes a record one of a log that is used again: RocksDB reads it for ever. */
  private void cut(Damage found) throws IOException {
    if (file.getFileName().toString().startsWith("MANIFEST")) {
      throw new IOException(
          "%s: %s (restore a backup, or start on an empty directory)"
              .formatted(found.where(), found.why()));
    }
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(brokenAt);
      channel.force(true);
    }
  }

  private Optional<Damage> check() throws IOException {
    long size = Files.size(file);
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (long start = 0; start < size; start += BLOCK) {
        read(channel, start);
        int wholeUpTo = brokenAt < 0 ? wholeUpTo() : 0;
        if (brokenAt < 0 && wholeUpTo < block.limit() && !isPadding(wholeUpTo)) {
          brokenAt = start + wholeUpTo;
          neverEnds = isRecycled(wholeUpTo);
          if (recordEnd(wholeUpTo).filter(end -> isWhole(end)).isPresent()) {
            return Optional.of(inTheMiddle(brokenAt));
          }
        } else if (brokenAt >= 0 && isWhole(0)) {
          return Optional.of(inTheMiddle(brokenAt));
        }
      }
    }
    return brokenAt < 0 ? Optional.empty() : Optional.of(atTheEnd(brokenAt, size));
  }

  private void read(FileChannel channel, long start) throws IOException {
    block.clear();
    while (block.hasRemaining() && channel.read(block, start + block.position()) > 0) {
      // Until the block is full or the file ends.
    }
    block.flip();
  }

  /** Where the first record begins that is not whole. */
  private int wholeUpTo() {
    int at = 0;
    while (isWhole(at)) {
      at = recordEnd(at).orElseThrow();
    }
    return at;
  }

  /** Zeros, as at the end of a block or of a file that was given room ahead. */
  private boolean isPadding(int from) {
    for (int at = from; at < block.limit(); at++) {
      if (block.get(at) != 0) {
        return false;
      }
    }
    return true;
  }

  private Optional<Integer> recordEnd(int at) {
    if (at + HEADER > block.limit()) {
      return Optional.empty();
    }
    int end = at + HEADER + (block.getShort(at + 4) & 0xffff);
    return end <= block.limit() ? Optional.of(end) : Optional.empty();
  }

  private boolean isWhole(int at) {
    var end = recordEnd(at);
    if (end.isEmpty() || block.get(at + 6) == 0) {
      return false;
    }
    var crc = new CRC32C();
    crc.update(block.slice(at + 6, end.get() - at - 6));
    int value = (int) crc.getValue();
    return (value >>> 15 | value << 17) + CRC_DELTA == block.getInt(at);
  }

  private boolean isRecycled(int at) {
    return at + HEADER <= block.limit() && (block.get(at + 6) & 0xff) >= FIRST_RECYCLED_TYPE;
  }

  private Damage inTheMiddle(long at) {
    return damage(
        "the record at byte %d does not match its checksum, and whole ones follow: what was acknowledged after it is lost"
            .formatted(at));
  }

  private Damage atTheEnd(long at, long size) {
    return damage(
        "the last %d bytes, from byte %d, are no whole record and were not applied (expected after power loss, and then nothing acknowledged is lost)"
            .formatted(size - at, at));
  }

  private Damage damage(String why) {
    return new Damage(Optional.empty(), "db/" + file.getFileName(), why);
  }
}
