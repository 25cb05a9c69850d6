package dev.layercache.server.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a start does with uploads before anything is served: a crash can leave staged files of those
 * that were not journaled.
 */
final class Recovery {
  private static final Logger log = LoggerFactory.getLogger(Recovery.class);

  private final UploadJournal journal;
  private final Path staging;

  Recovery(UploadJournal journal, Path staging) {
    this.journal = journal;
    this.staging = staging;
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
