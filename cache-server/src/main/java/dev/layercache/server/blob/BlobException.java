package dev.layercache.server.blob;

import java.io.IOException;

/**
 * Why a blob could not be read, taken in or managed. The set is closed: each door maps it to its
 * protocol in one place. Absence is not among them; it is an empty {@link java.util.Optional}.
 */
public abstract sealed class BlobException extends IOException
    permits BlobTooLargeException,
        CorruptBlobException,
        DigestMismatchException,
        OutOfRangeException,
        OutOfSpaceException,
        TooManyUploadsException,
        UnavailableException,
        UploadGoneException {
  private static final long serialVersionUID = 1;

  BlobException(String message) {
    super(message);
  }

  BlobException(String message, Throwable cause) {
    super(message, cause);
  }
}
