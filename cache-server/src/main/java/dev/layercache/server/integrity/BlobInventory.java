package dev.layercache.server.integrity;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobReader;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** What is stored, as checks see it: nothing here renews a blob's life. Thread-safe; may block. */
public interface BlobInventory {

  /**
   * A stored blob.
   *
   * @param id grows with the order in which blobs were stored; never used again
   * @param size bytes
   */
  record Item(long id, Digest digest, long size) {}

  /**
   * Some blobs in the order of their ids.
   *
   * @param damage records that contradict each other; they have been repaired
   * @param last id to go on after
   * @param end whether there are no more
   */
  record Page(List<Item> items, List<Damage> damage, long last, boolean end) {}

  /**
   * The blobs after an id.
   *
   * @param most how many ids are looked at, at least 1
   * @throws IOException if the records themselves cannot be read
   */
  Page after(long id, int most) throws IOException;

  /**
   * Opens a blob; the caller closes the reader. Empty when it was deleted meanwhile.
   *
   * @throws dev.layercache.server.blob.CorruptBlobException here or from the reader if a checksum
   *     does not match; the blob is in quarantine then
   */
  Optional<BlobReader> open(Item item) throws IOException;

  /**
   * Takes a blob out: it is missing from now on, that it was damaged is recorded, its space is
   * freed.
   *
   * @return where its bytes were; empty when it was deleted meanwhile
   */
  Optional<String> quarantine(Item item, String why) throws IOException;

  /**
   * Checks everything that is not blob bytes: checksums of its files, agreement of the records.
   * What contradicts itself is repaired.
   *
   * @param goOn is asked every now and then; false ends the check
   */
  List<Damage> checkRecords(BooleanSupplier goOn) throws IOException;

  /** What was found damaged, newest first; the newest 1,000 are kept. */
  List<QuarantinedBlob> quarantined(int most) throws IOException;

  /** Blobs that were ever found damaged. */
  long quarantinedEver() throws IOException;

  /** Whether requests are waiting for the disk, or soon will. */
  boolean isBusy();
}
