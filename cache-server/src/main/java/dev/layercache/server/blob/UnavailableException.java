package dev.layercache.server.blob;

/**
 * Not now: the store is closing, a slower source is away, or a bounded wait is over. Trying again
 * may help.
 */
public final class UnavailableException extends BlobException {
  private static final long serialVersionUID = 1;

  public UnavailableException(String message) {
    super(message);
  }

  public UnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
