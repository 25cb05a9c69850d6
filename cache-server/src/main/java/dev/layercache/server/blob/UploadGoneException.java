package dev.layercache.server.blob;

/**
 * The upload was aborted, committed, expired, or taken over by a later {@link BlobIngest#resume}.
 */
public final class UploadGoneException extends BlobException {
  private static final long serialVersionUID = 1;

  public UploadGoneException(UploadId id, String why) {
    super("upload %s: %s".formatted(id, why));
  }
}
