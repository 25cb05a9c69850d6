package dev.layercache.server.fill;

import java.io.IOException;

/** An origin's bytes are not the blob. They were neither stored nor served whole. */
final class WrongBytesException extends IOException {
  private static final long serialVersionUID = 1;

  WrongBytesException(String message) {
    super(message);
  }
}
