package dev.layercache.oci;

import java.io.IOException;

/** A manifest that is not one. The message says what was found, where, and what was expected. */
public final class InvalidManifestException extends IOException {
  private static final long serialVersionUID = 1;

  public InvalidManifestException(String message) {
    super(message);
  }

  public InvalidManifestException(String message, Throwable cause) {
    super(message, cause);
  }
}
