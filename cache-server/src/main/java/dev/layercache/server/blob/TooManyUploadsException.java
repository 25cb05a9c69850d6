package dev.layercache.server.blob;

/** As many uploads are unfinished as the server keeps. It helps to finish or cancel some. */
public final class TooManyUploadsException extends BlobException {
  private static final long serialVersionUID = 1;

  /**
   * @param unfinished how many there are
   * @param most how many there may be
   */
  public TooManyUploadsException(int unfinished, int most) {
    super(
        "%d uploads are unfinished (expected: fewer than %d); finish or cancel some"
            .formatted(unfinished, most));
  }
}
