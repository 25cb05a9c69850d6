package dev.layercache.server.store;

import dev.layercache.server.blob.BlobException;
import dev.layercache.server.blob.OutOfSpaceException;
import dev.layercache.server.blob.UnavailableException;
import java.io.IOException;

/** What a file system's failures mean to a caller of the store. */
final class FileErrors {
  private FileErrors() {}

  /** The failure of {@code what}, as the caller should see it. */
  static BlobException of(String what, IOException e) {
    String why = String.valueOf(e.getMessage());
    String message = what + " failed: " + why;
    return why.contains("No space left") || why.contains("quota exceeded")
        ? new OutOfSpaceException(message, e)
        : new UnavailableException(message, e);
  }
}
