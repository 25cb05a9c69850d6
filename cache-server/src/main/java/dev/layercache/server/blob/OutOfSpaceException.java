package dev.layercache.server.blob;

/** The disk or the budget is full. What is stored can still be read. */
public final class OutOfSpaceException extends BlobException {
  private static final long serialVersionUID = 1;

  public OutOfSpaceException(String message) {
    super(message);
  }

  public OutOfSpaceException(String message, Throwable cause) {
    super(message, cause);
  }
}
