package dev.layercache.server.store;

import dev.layercache.server.blob.BlobException;
import dev.layercache.server.blob.OutOfSpaceException;
import dev.layercache.server.blob.UnavailableException;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** What RocksDB's failures mean to a caller of the store. */
final class RocksErrors {
  private RocksErrors() {}

  /** The failure of {@code what}, as the caller should see it. */
  static BlobException of(String what, RocksDBException e) {
    String message = what + " failed: " + e.getMessage();
    return isNoSpace(e)
        ? new OutOfSpaceException(message, e)
        : new UnavailableException(message, e);
  }

  /** Whether stored bytes did not match their checksum. */
  static boolean isCorruption(RocksDBException e) {
    return e.getStatus() != null && e.getStatus().getCode() == Status.Code.Corruption;
  }

  private static boolean isNoSpace(RocksDBException e) {
    boolean bySubCode =
        e.getStatus() != null && e.getStatus().getSubCode() == Status.SubCode.NoSpace;
    return bySubCode || String.valueOf(e.getMessage()).contains("No space left");
  }
}
