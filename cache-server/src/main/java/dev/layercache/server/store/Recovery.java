package dev.layercache.server.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a start does before anything is served. A file and the record that makes it a blob are not
 * written atomically, so a crash can leave ingested files that nothing refers to, and staged files
 * of uploads that were not journaled. Looks only at the list of files that RocksDB has in memory:
 * no scan.
 */
final class Recovery {
  private static final Logger log = LoggerFactory.getLogger(Recovery.class);

  private final Database database;
  private final FileKeeper files;
  private final UploadJournal journal;
  private final Path staging;

  Recovery(Database database, FileKeeper files, UploadJournal journal, Path staging) {
    this.database = database;
    this.files = files;
    this.journal = journal;
    this.staging = staging;
  }

  /** Drops ingested files that belong to no blob. */
  void dropOrphans() throws IOException {
    var live = new TreeSet<Long>();
    for (var file : database.rocks().getLiveFilesMetaData()) {
      if (new String(file.columnFamilyName(), StandardCharsets.US_ASCII).startsWith("chunk-")) {
        live.add(ByteBuffer.wrap(file.smallestKey()).getLong());
      }
    }
    int dropped = 0;
    for (long id : live) {
      if (isOrphan(id)) {
        files.drop(id);
        dropped++;
      }
    }
    if (dropped > 0) {
      log.info(
          "dropping the files of {} blobs that were not published before the last stop", dropped);
    }
  }

  private boolean isOrphan(long id) {
    try {
      return database.get(database.ids(), BlobKeys.id(id)).isEmpty();
    } catch (IOException e) {
      // Nothing is dropped of which it is not known that nobody needs it.
      log.error("files of blob id {} are kept: {}", id, e.getMessage());
      return false;
    }
  }

  /** The uploads that can be resumed; removes staged files of all others. */
  List<UploadJournal.Entry> resumable() throws IOException {
    var resumable = new ArrayList<UploadJournal.Entry>();
    Set<Path> kept = new HashSet<>();
    for (var entry : journal.load()) {
      var paths =
          entry.segments().stream()
              .map(segment -> journal.file(entry.blobId(), segment.file()))
              .toList();
      if (paths.stream().allMatch(Files::isRegularFile)) {
        resumable.add(entry);
        kept.addAll(paths);
      } else {
        log.info("upload {} cannot be resumed: its files are gone", entry.id());
        journal.forget(entry.id());
      }
    }
    try (var staged = Files.newDirectoryStream(staging)) {
      for (Path file : staged) {
        if (!kept.contains(file)) {
          Files.delete(file);
        }
      }
    }
    return resumable;
  }
}
