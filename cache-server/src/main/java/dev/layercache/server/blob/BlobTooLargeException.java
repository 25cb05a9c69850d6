package dev.layercache.server.blob;

/** The blob is larger than this server takes. The upload is aborted. */
public final class BlobTooLargeException extends BlobException {
  private static final long serialVersionUID = 1;

  /**
   * @param size bytes that the blob has, or that were seen before it was refused
   * @param maximum bytes that a blob may have
   */
  public BlobTooLargeException(long size, long maximum) {
    super("blob has %d bytes or more (expected: at most %d)".formatted(size, maximum));
  }
}
