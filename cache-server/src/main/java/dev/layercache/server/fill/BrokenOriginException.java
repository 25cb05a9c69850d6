package dev.layercache.server.fill;

import java.io.IOException;

/** An origin's stream broke; opening it again may help. */
final class BrokenOriginException extends IOException {
  private static final long serialVersionUID = 1;

  BrokenOriginException(String message) {
    super(message);
  }

  BrokenOriginException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
