package dev.layercache.server.mirror;

import java.io.IOException;

/** An origin does not show a repository to us: it is absent there, or needs other credentials. */
public final class OriginDeniedException extends IOException {
  private static final long serialVersionUID = 1;

  public OriginDeniedException(String message) {
    super(message);
  }
}
